package rundir

import (
	"fmt"
	"path/filepath"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
)

// loadRecord reads an experiment.yaml, which people may edit, and warns where it is not as
// it was written.
func loadRecord(path string) (*configs.Experiment, error) {
	e, err := configs.LoadRecord(path)
	if err != nil {
		return nil, err
	}
	return e, manifest.Forgive(path, manifest.CheckFile(path))
}

// ReadExperiment reads the experiment of a run directory. It reports a *StateError where
// dir is none.
func ReadExperiment(dir string) (*configs.Experiment, error) {
	path := ExperimentFile(dir)
	if !atomicfile.Exists(path) {
		return nil, Errorf(dir, "no experiment.yaml here, want a run directory; `train run` makes one")
	}
	e, err := loadRecord(path)
	if err != nil {
		return nil, fmt.Errorf("%w; this file says what made the stages here: put it back, or use another --out", err)
	}
	return e, nil
}

// ExperimentOf is the experiment that a stage's directory belongs to. It reports a
// *StateError where dir is none, or not complete.
func ExperimentOf(dir string) (*configs.Experiment, error) {
	dir = Named(dir)
	run, name := filepath.Dir(dir), filepath.Base(dir)
	switch {
	case name == configs.StagePretrain:
		return nil, Errorf(dir, "is a pretrained encoder, which has no task; fine-tune it first, as with --set model=%s", dir)
	case !isStage(dir) && atomicfile.Exists(filepath.Join(dir, "config.json")):
		return nil, Errorf(dir, "is no stage of a run directory, whose experiment.yaml says how its data are read; want it where it was made, or copied with its run directory")
	case !isStage(dir):
		return nil, Errorf(dir, "want a stage's directory, as %s", filepath.Join(dir, configs.StageRetrain))
	case !atomicfile.Exists(ExperimentFile(run)):
		return nil, Errorf(dir, "no experiment.yaml beside it, which says how its data are read; want a stage of a run directory")
	case !StageDir(dir).Complete():
		return nil, (&Place{Dir: run}).Lacks(name)
	}
	return ReadExperiment(run)
}

// NoSearch reports a *StateError where dir is a search's, whose model needs r beside its
// weights.
func NoSearch(dir string) error {
	named := Named(dir)
	if filepath.Base(named) != configs.StageSearch {
		return nil
	}
	return Errorf(dir, "is a search's, whose word-vectors r scales; want a stage that is used without it, as %s",
		Stage(filepath.Dir(named), configs.StageRetrain))
}

// ExperimentBeside is the experiment that made a model's directory, where that is a
// stage of a run directory; nil: it is none. path is where it lies, or would.
func ExperimentBeside(dir string) (e *configs.Experiment, path string, err error) {
	path = ExperimentFile(filepath.Dir(Named(dir)))
	if !atomicfile.Exists(path) {
		return nil, path, nil
	}
	e, err = loadRecord(path)
	return e, path, err
}
