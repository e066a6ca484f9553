package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// stages in their order.
var stages = []string{configs.StageFinetune, configs.StageSearch, configs.StageRetrain}

// run is one call of the program on a run directory.
type run struct {
	Options
	exp *configs.Experiment
}

// stageDir is the directory of one stage.
type stageDir string

func (d stageDir) file(name string) string { return filepath.Join(string(d), name) }
func (d stageDir) checkpoint() string      { return d.file("checkpoint") }
func (d stageDir) complete() bool          { return exists(d.file("result.json")) }

// interrupted tells whether there is a checkpoint to go on from.
func (d stageDir) interrupted() bool { return !d.complete() && atomicfile.DirExists(d.checkpoint()) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (r *run) stage(name string) stageDir { return stageDir(filepath.Join(r.Dir, name)) }

// open readies the run directory for a stage: it must belong to the same
// experiment as far as the stages go that stay in it.
func open(e *configs.Experiment, name string, o Options) (*run, error) {
	r := &run{Options: o, exp: e}
	if err := atomicfile.Clean(o.Dir); err != nil {
		return nil, err
	}
	path := filepath.Join(o.Dir, "experiment.yaml")
	was, err := configs.Load(path, nil)
	if errors.Is(err, fs.ErrNotExist) || !exists(path) {
		return r, r.own()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: not readable, want the experiment of an earlier run: %w", path, err)
	}
	if err := r.agrees(was, name); err != nil {
		return nil, err
	}
	return r, r.own()
}

// agrees checks that no stage that stays was made by another experiment. The
// stage at hand and those after it do not stay when they are overwritten.
func (r *run) agrees(was *configs.Experiment, name string) error {
	differences := configs.Diff(was, r.exp)
	for _, s := range stages {
		if s == name && r.Overwrite {
			return nil
		}
		if d := r.stage(s); !d.complete() && !d.interrupted() {
			continue
		}
		var keys []string
		for _, d := range differences {
			if d.Affects(s) {
				keys = append(keys, d.String())
			}
		}
		if len(keys) > 0 {
			return stateErrorf(r.Dir, "holds the %s stage of another experiment (%s); use another --out, or --overwrite from that stage on",
				s, strings.Join(keys, ", "))
		}
	}
	return nil
}

// own writes the experiment into the run directory.
func (r *run) own() error {
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(r.Dir, "experiment.yaml"), r.exp.YAML())
}

// begin readies a stage's directory. It returns the result of a stage that is
// complete already, and otherwise whether to go on from a checkpoint.
func (r *run) begin(name string) (done *Result, resume bool, err error) {
	d := r.stage(name)
	if err := atomicfile.Clean(string(d)); err != nil {
		return nil, false, err
	}
	switch {
	case r.Overwrite:
		return nil, false, r.discard(name)
	case d.complete():
		done, err := readResult(d)
		return done, false, err
	case d.interrupted() && !r.Resume:
		return nil, false, stateErrorf(string(d), "was interrupted; go on with --resume, or start anew with --overwrite")
	case d.interrupted():
		return nil, true, nil
	}
	return nil, false, r.discard(name)
}

// discard removes what a stage and the later ones, which stand on it, left, and
// makes the stage's directory.
func (r *run) discard(name string) error {
	for _, s := range stages[slices.Index(stages, name):] {
		if err := os.RemoveAll(string(r.stage(s))); err != nil {
			return err
		}
	}
	return os.MkdirAll(string(r.stage(name)), 0o755)
}
