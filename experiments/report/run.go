package report

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A Run is a run directory, opened: what made it, its models, and its data as they read
// them.
type Run struct {
	Dir        string
	Experiment *configs.Experiment
	Stages     []rundir.Record   // in their order; none of OpenFinetuned
	Retention  *rundir.Retention // of the search; nil where the experiment gives the configuration
	Dense      *infer.Model      // finetune/
	Power      *infer.Model      // retrain/; nil of OpenFinetuned
	Train      *data.Set
	HeldOut    *Set // what the stages' choices went by; nil: Dev
	Dev        *Set
	Also       *Set // the second dev set that a task may have; nil: none
}

// Open opens the run directory dir. Where it is none, or a stage of it is not
// complete, it reports a *rundir.StateError that says what to do.
func Open(dir string) (*Run, error) {
	exp, err := rundir.ReadExperiment(dir)
	if err != nil {
		return nil, err
	}
	r := &Run{Dir: dir, Experiment: exp}
	if err := r.readStages(); err != nil {
		return nil, err
	}
	if err := r.openModels(); err != nil {
		return nil, err
	}
	return r, r.readData(&r.Stages[0].Result)
}

// OpenFinetuned opens the run directory dir for its stage 1 alone.
func OpenFinetuned(dir string) (*Run, error) {
	exp, err := rundir.ReadExperiment(dir)
	if err != nil {
		return nil, err
	}
	first, err := rundir.ReadResult(dir, configs.StageFinetune)
	if err != nil {
		return nil, err
	}
	r := &Run{Dir: dir, Experiment: exp}
	if r.Dense, err = infer.Open(string(rundir.Stage(dir, configs.StageFinetune)), exp.Data.MaxLength); err != nil {
		return nil, err
	}
	return r, r.readData(first)
}

// readStages reads what the stages left. Not every experiment has a search.
func (r *Run) readStages() (err error) {
	for _, name := range configs.Stages() {
		stage := rundir.Stage(r.Dir, name)
		if name == configs.StageFinetune { // a trial's is that of its run
			stage = rundir.FirstStage(r.Dir)
		}
		if !slices.Contains(r.Experiment.Stages(), name) && !stage.Complete() {
			continue
		}
		record, err := stage.ReadRecord()
		if err != nil {
			return err
		}
		r.Stages = append(r.Stages, record)
	}
	if r.Experiment.Searches() {
		r.Retention, err = rundir.ReadRetention(r.Dir)
	}
	return err
}

func (r *Run) openModels() (err error) {
	length := r.Experiment.Data.MaxLength
	if r.Dense, err = infer.Open(string(rundir.FirstStage(r.Dir)), length); err != nil {
		return err
	}
	if r.Power, err = infer.Open(string(rundir.Stage(r.Dir, configs.StageRetrain)), length); err != nil {
		return err
	}
	dense, power := &r.Dense.Config, &r.Power.Config
	larger := power.NumHiddenLayers > dense.NumHiddenLayers || power.IntermediateSize > dense.IntermediateSize
	smaller := power.PowerRetention != nil || power.NumHiddenLayers < dense.NumHiddenLayers || power.IntermediateSize < dense.IntermediateSize
	if larger || !smaller {
		return rundir.Errorf(r.Dir, "retrain/ holds %d encoders of %d feed-forward neurons, where finetune/ has %d of %d, and takes no word-vectors out; run the stage again with --overwrite",
			power.NumHiddenLayers, power.IntermediateSize, dense.NumHiddenLayers, dense.IntermediateSize)
	}
	return nil
}

// readData reads the experiment's sets, which must still have the labels that
// the models were trained on, and the dev set of stage 1's result.
func (r *Run) readData(first *rundir.Result) error {
	sets, err := data.Load(r.Experiment.Source())
	if err != nil {
		return err
	}
	if got, want := fmt.Sprintf("%q", sets.Train.Labels), fmt.Sprintf("%q", r.Dense.Config.Labels()); got != want {
		return rundir.Errorf(r.Dir, "the models know the labels %s, but the data has %s; put back the data of the run", want, got)
	}
	r.Train, r.Dev = sets.Train, r.encode(sets.Dev)
	if sets.HeldOut != nil {
		r.HeldOut = r.encode(sets.HeldOut)
	}
	if first.DevSet != data.Fingerprint(r.Dev.Encoded) {
		return rundir.Errorf(r.Dir, "its stages had another dev set than %s now is; put back the data of the run", sets.Dev.Name())
	}
	if sets.Also != nil {
		r.Also = r.encode(sets.Also)
	}
	return nil
}

// encode adds to a set how the models read it.
func (r *Run) encode(set *data.Set) *Set {
	return &Set{set, data.EncodeAs(set, r.Dense.Tokenizer, r.Experiment.Data.MaxLength, r.Dense.Config.Window)}
}

// Choosing is how many rows were held out to choose by; 0: dev chose.
func (r *Run) Choosing() int {
	if r.HeldOut == nil {
		return 0
	}
	return len(r.HeldOut.Encoded)
}

// AlsoMetric names the metric of the second dev set.
func (r *Run) AlsoMetric() string {
	return r.Experiment.Data.Metric + " on " + filepath.Base(r.Also.Path)
}

// Constant returns the named metric of the dev set where all examples are given the one
// answer that is best on the training set; ok tells whether there is one
// (problem.Outputs.Constant).
func (r *Run) Constant(name string) (value float64, ok bool, err error) {
	return Truth(r.Train).Constant(name, Truth(r.Dev.Set), len(r.Train.Labels))
}

// Signal tells whether a value of the experiment's metric on the dev set is above that of
// one answer for all by more than chance (problem.Kind.Above).
func (r *Run) Signal(value, constant float64) bool {
	return r.Train.Problem.Above(r.Experiment.Data.Metric, value, constant, len(r.Dev.Encoded), len(r.Train.Labels))
}
