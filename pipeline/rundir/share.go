package rundir

import (
	"slices"

	"github.com/powerbert/powerbert/configs"
)

// ShareFinetune copies the complete stage 1 of another run directory into the place, and
// reports whether it did. It does nothing where a stage 1 is there or has begun, and
// where the other is not complete or is of an experiment that trains stage 1 otherwise.
func (p *Place) ShareFinetune(e *configs.Experiment, other string) (bool, error) {
	from, to := Stage(other, configs.StageFinetune), p.Stage(configs.StageFinetune)
	if to.begun() || !from.Complete() {
		return false, nil
	}
	was, err := ReadExperiment(other)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(configs.Diff(was, e), func(d configs.Difference) bool { return d.Affects(configs.StageFinetune) }) {
		return false, nil
	}
	c := claim{p, e}
	if err := c.open(configs.StageFinetune); err != nil {
		return false, err
	}
	unlock, err := lock(p.Dir)
	if err != nil {
		return false, err
	}
	defer unlock()
	if to.Complete() { // by another process since
		return false, nil
	}
	if err := c.record(configs.StageFinetune); err != nil {
		return false, err
	}
	return true, from.copyTo(to)
}
