package experiments

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline"
)

// A run is a complete run directory, opened.
type run struct {
	dir          string
	exp          *configs.Experiment
	stages       []Stage
	retention    *pipeline.Retention // of the search; nil where the experiment gives the configuration
	dense, power *infer.Model        // finetune/ and retrain/
	train, texts *data.Set           // training and dev set
	dev          []data.Encoded      // the dev set as the models read it
	predicted    []int               // its classes, by stage 3
	alsoTexts    *data.Set           // the second dev set that a task may have; nil: none
	also         []data.Encoded
	seeds        []int // of the models that a figure shows of other runs as well
}

// openRun opens the run directory dir. Where it is none, or a stage of it is not
// complete, it reports a *pipeline.StateError that says what to do.
func openRun(dir string) (*run, error) {
	exp, err := pipeline.ReadExperiment(dir)
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
	exp, err := pipeline.ReadExperiment(dir)
	if err != nil {
		return nil, err
	}
	first, err := pipeline.ReadResult(dir, configs.StageFinetune)
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
	search := filepath.Join(r.dir, configs.StageSearch)
	given := len(r.exp.Retrain.Retention) > 0
	for _, name := range configs.Stages() {
		if name == configs.StageSearch && given && !pipeline.Complete(search) {
			continue
		}
		dir := r.dir
		if name == configs.StageFinetune { // a trial's is that of its run
			dir = filepath.Dir(pipeline.FirstStage(dir))
		}
		s, err := readStage(dir, name)
		if err != nil {
			return err
		}
		r.stages = append(r.stages, s)
	}
	if !given {
		r.retention, err = pipeline.ReadRetention(filepath.Join(search, "retention.json"))
	}
	return err
}

func (r *run) openModels() (err error) {
	length := r.exp.Data.MaxLength
	if r.dense, err = infer.Open(pipeline.FirstStage(r.dir), length); err != nil {
		return err
	}
	if r.power, err = infer.Open(filepath.Join(r.dir, configs.StageRetrain), length); err != nil {
		return err
	}
	if keeps := r.power.Config.PowerRetention; keeps == nil || len(keeps.Keep) != r.dense.Config.NumHiddenLayers {
		return stateErrorf(r.dir, "retrain/ holds no retention configuration for the %d encoders of finetune/; run the stage again with --overwrite",
			r.dense.Config.NumHiddenLayers)
	}
	return nil
}

// readData reads the experiment's sets, which must still have the labels that
// the models were trained on, and the dev set of stage 1's result.
func (r *run) readData(first *pipeline.Result) (err error) {
	if r.train, r.texts, err = data.Load(r.exp.Source()); err != nil {
		return err
	}
	if got, want := fmt.Sprintf("%q", r.train.Labels), fmt.Sprintf("%q", r.dense.Config.Labels()); got != want {
		return stateErrorf(r.dir, "the models know the labels %s, but the data has %s; put back the data of the run", want, got)
	}
	r.dev = data.Encode(r.texts, r.dense.Tokenizer, r.exp.Data.MaxLength)
	if first.DevSet != data.Fingerprint(r.dev) {
		return stateErrorf(r.dir, "its stages had another dev set than %s now is; put back the data of the run", r.texts.Name())
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

// A Stage is what a stage left behind: its result, and its metrics.jsonl.
type Stage struct {
	Name        string
	Result      pipeline.Result
	Steps       []pipeline.StepLine
	Evaluations []pipeline.EvaluationLine
}

// number is 1 to 3.
func (s *Stage) number() int { return slices.Index(configs.Stages(), s.Name) + 1 }

func readStage(dir, name string) (s Stage, err error) {
	s.Name = name
	r, err := pipeline.ReadResult(dir, name)
	if err != nil {
		return s, err
	}
	s.Result = *r
	return s, s.readMetrics(filepath.Join(dir, name, "metrics.jsonl"))
}

func stateErrorf(dir, format string, args ...any) error {
	return &pipeline.StateError{Dir: dir, Problem: fmt.Sprintf(format, args...)}
}
