package experiments

import (
	"fmt"
	"path/filepath"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A run is a complete run directory, opened.
type run struct {
	dir          string
	exp          *configs.Experiment
	stages       []rundir.Record
	retention    *rundir.Retention // of the search; nil where the experiment gives the configuration
	dense, power *infer.Model      // finetune/ and retrain/
	train, texts *data.Set         // training and dev set
	dev          []data.Encoded    // the dev set as the models read it
	predicted    []int             // its classes, by stage 3
	alsoTexts    *data.Set         // the second dev set that a task may have; nil: none
	also         []data.Encoded
	seeds        []int // of the models that a figure shows of other runs as well
}

// openRun opens the run directory dir. Where it is none, or a stage of it is not
// complete, it reports a *rundir.StateError that says what to do.
func openRun(dir string) (*run, error) {
	exp, err := rundir.ReadExperiment(dir)
	if err != nil {
		return nil, err
	}
	r := &run{dir: dir, exp: exp}
	if err := r.readStages(); err != nil {
		return nil, err
	}
	if err := r.openModels(); err != nil {
		return nil, err
	}
	return r, r.readData(&r.stages[0].Result)
}

// openFinetuned opens the run directory dir for its stage 1 alone.
func openFinetuned(dir string) (*run, error) {
	exp, err := rundir.ReadExperiment(dir)
	if err != nil {
		return nil, err
	}
	first, err := rundir.ReadResult(dir, configs.StageFinetune)
	if err != nil {
		return nil, err
	}
	r := &run{dir: dir, exp: exp}
	if r.dense, err = infer.Open(filepath.Join(dir, configs.StageFinetune), exp.Data.MaxLength); err != nil {
		return nil, err
	}
	return r, r.readData(first)
}

// readStages reads what the stages left. A run whose experiment gives the retention
// configuration may have no search.
func (r *run) readStages() (err error) {
	given := len(r.exp.Retrain.Retention) > 0
	for _, name := range configs.Stages() {
		stage := rundir.Stage(r.dir, name)
		if name == configs.StageFinetune { // a trial's is that of its run
			stage = rundir.FirstStage(r.dir)
		}
		if name == configs.StageSearch && given && !stage.Complete() {
			continue
		}
		record, err := stage.ReadRecord()
		if err != nil {
			return err
		}
		r.stages = append(r.stages, record)
	}
	if !given {
		r.retention, err = rundir.ReadRetention(r.dir)
	}
	return err
}

func (r *run) openModels() (err error) {
	length := r.exp.Data.MaxLength
	if r.dense, err = infer.Open(string(rundir.FirstStage(r.dir)), length); err != nil {
		return err
	}
	if r.power, err = infer.Open(filepath.Join(r.dir, configs.StageRetrain), length); err != nil {
		return err
	}
	if keeps := r.power.Config.PowerRetention; keeps == nil || len(keeps.Keep) != r.dense.Config.NumHiddenLayers {
		return rundir.Errorf(r.dir, "retrain/ holds no retention configuration for the %d encoders of finetune/; run the stage again with --overwrite",
			r.dense.Config.NumHiddenLayers)
	}
	return nil
}

// readData reads the experiment's sets, which must still have the labels that
// the models were trained on, and the dev set of stage 1's result.
func (r *run) readData(first *rundir.Result) (err error) {
	if r.train, r.texts, err = data.Load(r.exp.Source()); err != nil {
		return err
	}
	if got, want := fmt.Sprintf("%q", r.train.Labels), fmt.Sprintf("%q", r.dense.Config.Labels()); got != want {
		return rundir.Errorf(r.dir, "the models know the labels %s, but the data has %s; put back the data of the run", want, got)
	}
	r.dev = data.Encode(r.texts, r.dense.Tokenizer, r.exp.Data.MaxLength)
	if first.DevSet != data.Fingerprint(r.dev) {
		return rundir.Errorf(r.dir, "its stages had another dev set than %s now is; put back the data of the run", r.texts.Name())
	}
	r.alsoTexts, err = data.LoadAlso(r.exp.Source(), r.train.Labels)
	if err == nil && r.alsoTexts != nil {
		r.also = data.Encode(r.alsoTexts, r.dense.Tokenizer, r.exp.Data.MaxLength)
	}
	return err
}

// alsoMetric is what the metric of the second dev set is called.
func (r *run) alsoMetric() string {
	return r.exp.Data.Metric + " on " + filepath.Base(r.alsoTexts.Path)
}
