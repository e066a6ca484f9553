package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// ShareFinetune copies the complete stage 1 of another run directory into that of
// the options, and reports whether it did. It does nothing where a stage 1 is there
// or has begun, and where the other is not complete or is of an experiment that
// trains stage 1 otherwise.
func ShareFinetune(e *configs.Experiment, o Options, other string) (bool, error) {
	o = o.prepare(e)
	from := stageDir(filepath.Join(other, configs.StageFinetune))
	if to := (&run{Options: o}).stage(configs.StageFinetune); to.complete() || to.interrupted() || !from.complete() {
		return false, nil
	}
	was, err := ReadExperiment(other)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(configs.Diff(was, e), func(d configs.Difference) bool { return d.Affects(configs.StageFinetune) }) {
		return false, nil
	}
	r, err := open(e, configs.StageFinetune, o)
	if err != nil {
		return false, err
	}
	unlock, err := r.lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	if r.stage(configs.StageFinetune).complete() { // by another process since
		return false, nil
	}
	if err := r.own(configs.StageFinetune); err != nil {
		return false, err
	}
	r.Log.Info("stage 1 is that of another run", "from", other)
	return true, from.copyTo(r.stage(configs.StageFinetune))
}

// RetrainOn is Retrain on the complete stage 1 of another run directory, which stays
// as it is and may serve many. The experiment must give the retention configuration,
// for there is no search. What was interrupted goes on.
func RetrainOn(ctx context.Context, e *configs.Experiment, o Options, other string) (*Result, error) {
	if len(e.Retrain.Retention) == 0 {
		return nil, configError(e, fromExperiment, fromExperiment+" is empty, want a count per encoder")
	}
	release, err := HoldFinetune(other)
	if err != nil {
		return nil, err
	}
	defer release()
	o.finetuned, o.Resume, o.Again = filepath.Join(other, configs.StageFinetune), true, SameCommand
	return Retrain(ctx, e, o)
}

// TryLambda runs stages 2 and 3 with a λ on the complete stage 1 of a run directory,
// which stays as it is, in the directory of the λ's trial. What is complete is not run
// again, and what was interrupted goes on.
func TryLambda(ctx context.Context, e *configs.Experiment, o Options, lambda float64) error {
	if len(e.Retrain.Retention) > 0 {
		return noSearch(e)
	}
	o = o.prepare(e)
	release, err := HoldFinetune(o.Dir)
	if err != nil {
		return err
	}
	defer release()
	r := (&run{Options: o, exp: e}).trial(lambda)
	if !r.stage(configs.StageRetrain).complete() {
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
	o.finetuned, o.Resume, o.Overwrite, o.Again = string(r.stage(configs.StageFinetune)), true, false, SameCommand
	o.Dir = filepath.Join(r.Dir, trialsDir, lambdaTrial+strconv.FormatFloat(lambda, 'g', -1, 64))
	return &run{Options: o, exp: &e}
}

// noSearch refuses to look for a configuration that is given.
func noSearch(e *configs.Experiment) error {
	return configError(e, fromExperiment, fromExperiment+" gives the configuration, so there is none to search for; remove it")
}

// copyTo puts a copy of a stage in the place of another.
func (d stageDir) copyTo(to stageDir) error {
	files := os.DirFS(string(d))
	return atomicfile.WriteDir(string(to), func(dir string) error { return os.CopyFS(dir, files) })
}
