package rundir

import (
	"slices"

	"github.com/powerbert/powerbert/configs"
)

// Sharable are the stages of an experiment, before the last, whose work another run directory
// has done: those that are complete there, from stage 1 on, and of an experiment that trains
// them alike. There are none where a stage 1 is here or has begun. It reports an experiment
// there that cannot be read.
func (p *Place) Sharable(e *configs.Experiment, other string) (stages []string, err error) {
	if p.Stage(configs.StageFinetune).begun() || !Stage(other, configs.StageFinetune).Complete() {
		return nil, nil
	}
	was, err := ReadExperiment(other)
	if err != nil {
		return nil, err
	}
	for _, stage := range e.Stages() {
		if stage == configs.StageRetrain || !slices.Contains(was.Stages(), stage) || !Stage(other, stage).Complete() ||
			slices.ContainsFunc(configs.Diff(was, e), func(d configs.Difference) bool { return d.Affects(stage) }) {
			break
		}
		stages = append(stages, stage)
	}
	return stages, nil
}

// Share copies stages of another run directory into the place, the first of which is stage 1,
// and reports whether it did: not where another process has come first. Where a later one
// cannot be copied, those before it stay, with an error.
func (p *Place) Share(e *configs.Experiment, other string, stages []string) (bool, error) {
	c := claim{p, e}
	if err := c.open(configs.StageFinetune); err != nil {
		return false, err
	}
	unlock, err := lock(p.Dir)
	if err != nil {
		return false, err
	}
	defer unlock()
	if p.Stage(configs.StageFinetune).Complete() {
		return false, nil
	}
	if err := c.record(configs.StageFinetune); err != nil {
		return false, err
	}
	for i, stage := range stages {
		if err := Stage(other, stage).copyTo(p.Stage(stage)); err != nil {
			return i > 0, err
		}
	}
	return true, nil
}
