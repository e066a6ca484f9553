package pipeline

import (
	"context"
	"errors"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/retention"
)

// TryLambda runs stages 2 and 3 with a λ on the complete stage 1 of a run directory,
// which stays as it is, in the directory of the λ's trial. What is complete is not run
// again, and what was interrupted goes on.
func TryLambda(ctx context.Context, e *configs.Experiment, o Options, lambda float64) error {
	if e.Retrain.Given() {
		return noSearch(e)
	}
	o = o.prepare(e)
	release, err := rundir.HoldFinetune(o.Dir)
	if err != nil {
		return err
	}
	defer release()
	r := (&run{Options: o, exp: e}).trial(rundir.LambdaTrial(o.Dir, lambda))
	r.exp.Search.Lambda = lambda
	if !r.place().Stage(configs.StageRetrain).Complete() {
		r.Log.Info("trial", "lambda", lambda)
	}
	if _, err := Search(ctx, r.exp, r.Options); err != nil {
		return err
	}
	_, err = Retrain(ctx, r.exp, r.Options)
	return err
}

// trial is a run of its own on stage 1 of this one, by a copy of its experiment that asks
// for no price and no quality: whoever tries looks for those.
func (r *run) trial(dir string) *run {
	e, o := *r.exp, r.Options
	o.finetuned, o.Resume, o.Overwrite, o.Again = string(r.place().Stage(configs.StageFinetune)), true, false, SameCommand
	o.Dir = dir
	e.Retrain.Budgets = nil
	e.Search.Target, e.Search.MaxDrop, e.Search.Latency.Milliseconds = 0, configs.NoPoints, 0
	return &run{Options: o, exp: &e}
}

// fromStage1 tells trials of the searched list that begin with stage 1's model, as its
// competitors do, from those that begin with the search's.
const fromStage1 = "-from-stage-1"

// priced is the trial of a candidate at a price, retrained for so many steps, to choose
// by; 0: whole.
func (r *run) priced(c *budget.Candidate, target float64, steps int) *run {
	name, alone := c.Name, r.exp.Search.Alone()
	if name == retention.ListLearned && !alone {
		name += fromStage1
	}
	t := r.trial(rundir.PriceTrial(r.Dir, name, target, steps))
	e := t.exp
	if alone {
		t.searched = string(r.place().Stage(configs.StageSearch))
	}
	e.Search.Candidates = nil
	e.Retrain.Student, e.Retrain.Retention = c.Student, c.Keep
	if steps > 0 {
		e.Retrain.Steps = steps
	}
	t.candidate, t.selecting = c.Name, steps > 0
	t.Report = candidateReporter{t.Report, c.Name}
	return t
}

// A candidateReporter reports the progress of a stage as that of a candidate.
type candidateReporter struct {
	Reporter
	candidate string
}

func (n candidateReporter) Report(p train.Progress) {
	p.Candidate = n.candidate
	n.Reporter.Report(p)
}

// retrained runs stage 3 of a trial; one of another experiment is discarded first.
func retrained(ctx context.Context, r *run) (*rundir.Result, error) {
	_, err := r.place().Look(r.exp, configs.StageRetrain)
	if err != nil && !errors.As(err, new(*rundir.StateError)) {
		return nil, err // what could not be read is not discarded
	}
	if err != nil {
		r.Log.Info("a trial of other settings is made anew", "directory", r.Dir)
		if err := rundir.RemoveTrial(r.Dir); err != nil {
			return nil, err
		}
	}
	return Retrain(ctx, r.exp, r.Options)
}

// RetrainOn is Retrain on the complete stage 1 of another run directory, which stays
// as it is and may serve many. The experiment must give the retention configuration,
// for there is no search. What was interrupted goes on.
func RetrainOn(ctx context.Context, e *configs.Experiment, o Options, other string) (*rundir.Result, error) {
	if !e.Retrain.Given() {
		return nil, configError(e, givenRetention, givenRetention+" is empty, want a count per encoder")
	}
	release, err := rundir.HoldFinetune(other)
	if err != nil {
		return nil, err
	}
	defer release()
	o.finetuned, o.Resume, o.Again = string(rundir.Stage(other, configs.StageFinetune)), true, SameCommand
	return Retrain(ctx, e, o)
}

// noSearch refuses to look for a configuration that is given.
func noSearch(e *configs.Experiment) error {
	key := given(&e.Retrain)
	return configError(e, key, key+" gives the configuration, so there is none to search for; remove it")
}

// ShareStages copies the complete stage 1 of one of some other run directories into that of
// the options, and with it the complete search, where the experiments train them alike: from
// the first that has both, or else from the first that has stage 1. It does nothing where a
// stage 1 is there or has begun. What of another cannot be read is warned of and passed over.
func ShareStages(e *configs.Experiment, o Options, others []string) error {
	o = o.prepare(e)
	var from string
	var most []string
	for _, other := range others {
		stages, err := o.place().Sharable(e, other)
		if err != nil {
			o.Log.Warn("the stages of another run cannot be shared", "run", other, "error", err)
		}
		if len(stages) > len(most) {
			from, most = other, stages
		}
		if len(most) == len(e.Stages())-1 { // all but the last
			break
		}
	}
	if len(most) == 0 {
		return nil
	}
	shared, err := o.place().Share(e, from, most)
	if shared && err == nil {
		o.Log.Info("stages are those of another run", "stages", strings.Join(most, ", "), "from", from)
	}
	return err
}
