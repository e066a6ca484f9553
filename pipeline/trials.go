package pipeline

import (
	"context"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// SearchFor runs stage 2 for a goal instead of a λ: it tries one λ after another,
// each in a run directory of its own that shares stage 1, and takes the search (and
// for a drop the retraining, too) of the chosen trial over into the run directory.
// A trial that is complete is not run again, and one that was interrupted goes on:
// the same call continues. Where no trial reaches the goal, the run directory keeps
// what it had.
func SearchFor(ctx context.Context, e *configs.Experiment, o Options, g budget.Goal) (*budget.Trials, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	if len(e.Retrain.Retention) > 0 {
		return nil, noSearch(e)
	}
	r := &run{Options: o.prepare(e), exp: e}
	held, err := r.place().HoldTrials(e)
	if err != nil {
		return nil, err
	}
	defer held.Close()
	if g.By == budget.ByDrop { // the chosen trial's retraining comes in its place, whichever that is
		if err := held.Replaceable(); err != nil {
			return nil, err
		}
	}
	s := &lambdaSearch{run: r, found: budget.Trials{Goal: g}}
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	return s.find(ctx, held)
}

// A lambdaSearch is a search for a goal in a run directory.
type lambdaSearch struct {
	*run
	task   *task
	config arch.Config // of stage 1
	dense  rundir.MACs // of its model
	travel float64
	found  budget.Trials
}

// read reads the data and what stage 1 came to.
func (s *lambdaSearch) read(ctx context.Context) (err error) {
	if s.task, err = loadTask(ctx, s.exp, s.Options); err != nil {
		return err
	}
	if s.config, _, err = (&source{s.run, s.task}).from(configs.StageFinetune); err != nil {
		return err
	}
	first, err := s.place().Stage(configs.StageFinetune).Result()
	if err != nil {
		return err
	}
	s.dense = estimate.MACs(&s.config, &retention.Elimination{}, s.task.Dev, s.exp.Data.MaxLength)
	s.found.Metric, s.found.Dev = first.Metric, first.Dev
	s.travel = plan.Of(s.exp, configs.StageSearch, len(s.task.Train), len(s.task.Dev)).Travel()
	return nil
}

// find tries one λ after another and takes the chosen one over.
func (s *lambdaSearch) find(ctx context.Context, held *rundir.OnTrials) (*budget.Trials, error) {
	f, path := &s.found, rundir.TrialsFile(s.Dir)
	for {
		lambda, more, left := f.Next(s.exp.Search.Lambda)
		if !more {
			f.Settle(left, s.travel)
			break
		}
		if err := s.try(ctx, lambda); err != nil {
			return nil, err
		}
		if err := rundir.WriteJSON(path, f); err != nil {
			return nil, err
		}
	}
	if f.Reached {
		if err := s.adopt(held); err != nil {
			return nil, err
		}
	}
	return f, rundir.WriteJSON(path, f)
}

// try runs the stages of a trial and adds it to the table.
func (s *lambdaSearch) try(ctx context.Context, lambda float64) error {
	r := s.trial(lambda)
	if _, err := r.place().Look(r.exp, configs.StageSearch); err != nil && s.Overwrite { // it may be of another experiment
		if err := atomicfile.RemoveDir(r.Dir); err != nil {
			return err
		}
	}
	s.Log.Info("trial", "lambda", lambda, "number", len(s.found.Trials)+1, "most", s.found.Goal.Trials)
	result, err := Search(ctx, r.exp, r.Options)
	if err != nil {
		return err
	}
	t := &budget.Trial{Lambda: lambda, Dir: r.Dir, Retention: result.Retention.Retention, Seconds: result.Seconds}
	if s.found.Goal.By == budget.ByDrop {
		if result, err = Retrain(ctx, r.exp, r.Options); err != nil {
			return err
		}
		t.Seconds += result.Seconds
	}
	t.Stage, t.Dev, t.Drop = result.Stage, result.Dev, 100*(s.found.Dev-result.Dev)
	if t.Speedup, t.Padded, err = s.saved(r); err != nil {
		return err
	}
	s.found.Trials = append(s.found.Trials, t)
	return nil
}

// saved is how many times fewer multiply-adds a trial takes than BERT on the dev set,
// neither padded and both.
func (s *lambdaSearch) saved(r *run) (unpadded, padded float64, err error) {
	config := s.config
	if config.PowerRetention, err = r.configuration(); err != nil {
		return 0, 0, err
	}
	use, n := config.Elimination(), s.exp.Data.MaxLength
	cost := estimate.MACs(&config, &use, s.task.Dev, n)
	return s.dense.Real / cost.Real, s.dense.Padded / cost.Padded, nil
}

// adopt makes the chosen trial's stages those of the run directory.
func (s *lambdaSearch) adopt(held *rundir.OnTrials) (err error) {
	names := []string{configs.StageSearch}
	if s.found.Goal.By == budget.ByDrop {
		names = append(names, configs.StageRetrain)
	}
	r := s.trial(s.found.Chosen.Lambda)
	s.found.Results, err = held.Adopt(r.exp, r.Dir, names)
	return err
}

// TryLambda runs stages 2 and 3 with a λ on the complete stage 1 of a run directory,
// which stays as it is, in the directory of the λ's trial. What is complete is not run
// again, and what was interrupted goes on.
func TryLambda(ctx context.Context, e *configs.Experiment, o Options, lambda float64) error {
	if len(e.Retrain.Retention) > 0 {
		return noSearch(e)
	}
	o = o.prepare(e)
	release, err := rundir.HoldFinetune(o.Dir)
	if err != nil {
		return err
	}
	defer release()
	r := (&run{Options: o, exp: e}).trial(lambda)
	if !r.place().Stage(configs.StageRetrain).Complete() {
		r.Log.Info("trial", "lambda", lambda)
	}
	if _, err := Search(ctx, r.exp, r.Options); err != nil {
		return err
	}
	_, err = Retrain(ctx, r.exp, r.Options)
	return err
}

// trial is the run of a λ on stage 1 of this one.
func (r *run) trial(lambda float64) *run {
	e := *r.exp
	e.Search.Lambda = lambda
	o := r.Options
	o.finetuned, o.Resume, o.Overwrite, o.Again = string(r.place().Stage(configs.StageFinetune)), true, false, SameCommand
	o.Dir = rundir.LambdaTrial(r.Dir, lambda)
	return &run{Options: o, exp: &e}
}

// RetrainOn is Retrain on the complete stage 1 of another run directory, which stays
// as it is and may serve many. The experiment must give the retention configuration,
// for there is no search. What was interrupted goes on.
func RetrainOn(ctx context.Context, e *configs.Experiment, o Options, other string) (*rundir.Result, error) {
	if len(e.Retrain.Retention) == 0 {
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
	return configError(e, givenRetention, givenRetention+" gives the configuration, so there is none to search for; remove it")
}

// ShareFinetune copies the complete stage 1 of another run directory into that of
// the options, and reports whether it did. It does nothing where a stage 1 is there
// or has begun, and where the other is not complete or is of an experiment that
// trains stage 1 otherwise.
func ShareFinetune(e *configs.Experiment, o Options, other string) (bool, error) {
	o = o.prepare(e)
	shared, err := o.place().ShareFinetune(e, other)
	if shared && err == nil {
		o.Log.Info("stage 1 is that of another run", "from", other)
	}
	return shared, err
}
