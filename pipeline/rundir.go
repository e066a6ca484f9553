package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// standing are the stages that stand on a stage, itself included: of
// pretraining none do, since the stages name the model that they begin with, and
// of a student none. Students stand on stage 1.
func (r *run) standing(name string) []string {
	switch {
	case name == configs.StagePretrain || isStudent(name):
		return []string{name}
	case name == configs.StageFinetune:
		return append(configs.Stages(), Students(r.Dir)...)
	}
	all := configs.Stages()
	return all[slices.Index(all, name):]
}

// everyStage is the stages, pretraining and the students that are there.
func (r *run) everyStage() []string {
	return slices.Concat([]string{configs.StagePretrain}, configs.Stages(), Students(r.Dir))
}

// run is one call of the program on a run directory.
type run struct {
	Options
	exp   *configs.Experiment
	model string // the directory of the pretrained model that stage 1 starts from; "": random weights
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

// namesIn are those names in a folder that are wanted; one that cannot be read has none.
func namesIn(dir string, wanted func(name string) bool) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if wanted(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// named is a directory's path with its name at the end, which ".", ".." and a
// trailing slash hide.
func named(dir string) string {
	dir = filepath.Clean(dir)
	if name := filepath.Base(dir); name != "." && name != ".." {
		return dir
	}
	if whole, err := filepath.Abs(dir); err == nil {
		return whole
	}
	return dir
}

func (r *run) stage(name string) stageDir {
	if name == configs.StageFinetune && r.finetuned != "" {
		return stageDir(r.finetuned)
	}
	return stageDir(filepath.Join(r.Dir, name))
}

// FirstStage is the directory of stage 1 of a run: a trial's is that of the run
// directory that it is a trial of.
func FirstStage(dir string) string {
	if trials := filepath.Dir(named(dir)); filepath.Base(trials) == trialsDir {
		return filepath.Join(filepath.Dir(trials), configs.StageFinetune)
	}
	return filepath.Join(dir, configs.StageFinetune)
}

// open looks at the run directory of a stage: it must belong to the same
// experiment as far as the stages go that stay in it. If so, open removes what kills
// have left in it.
func open(e *configs.Experiment, name string, o Options) (*run, error) {
	r := &run{Options: o, exp: e}
	if err := r.belongs(name); err != nil {
		return nil, err
	}
	if !exists(r.Dir) {
		return r, nil
	}
	unlock, err := r.lock()
	if err != nil { // another process is at work, or nobody may write here
		return r, nil
	}
	defer unlock()
	return r, r.clean(name)
}

// clean removes what a kill has left half written, or beside the result of a stage.
// The run directory must be locked.
func (r *run) clean(name string) error {
	d := r.stage(name)
	err := errors.Join(atomicfile.Clean(r.Dir), atomicfile.Clean(string(d)))
	if err == nil && d.complete() {
		err = atomicfile.RemoveDir(d.checkpoint())
	}
	return err
}

// belongs checks that what stays in the run directory is of the same experiment.
func (r *run) belongs(name string) error {
	if !exists(experimentFile(r.Dir)) {
		return r.vacant()
	}
	was, err := ReadExperiment(r.Dir)
	if err != nil {
		return err
	}
	return r.agrees(was, name)
}

// experimentFile is where a run directory keeps the experiment that made its stages.
func experimentFile(dir string) string { return filepath.Join(dir, "experiment.yaml") }

// ReadExperiment reads the experiment of a run directory. It reports a *StateError where
// dir is none.
func ReadExperiment(dir string) (*configs.Experiment, error) {
	if !exists(experimentFile(dir)) {
		return nil, stateErrorf(dir, "no experiment.yaml here, want a run directory; `train run` makes one")
	}
	e, err := configs.Load(experimentFile(dir), nil)
	if err != nil {
		return nil, fmt.Errorf("%w; this file says what made the stages here: put it back, or use another --out", err)
	}
	return e, nil
}

// Complete tells whether a stage's directory has its result.
func Complete(dir string) bool { return stageDir(dir).complete() }

// vacant refuses a directory whose folders only happen to be named as stages:
// they are not the program's to discard.
func (r *run) vacant() error {
	for _, s := range r.everyStage() {
		if exists(filepath.Join(r.Dir, s)) {
			return stateErrorf(r.Dir, "holds %s but no experiment.yaml, so it is no run directory; use another --out", s)
		}
	}
	return nil
}

// concern are the stages whose experiment a stage must agree with. A student goes by
// stage 1 and by a record of its own, so its settings are no concern of the others.
func (r *run) concern(name string) []string {
	if isStudent(name) {
		return []string{configs.StageFinetune, name}
	}
	return append([]string{configs.StagePretrain}, configs.Stages()...)
}

// agrees checks that no stage that stays was made by another experiment. The
// stage at hand and those after it do not stay when they are overwritten.
func (r *run) agrees(was *configs.Experiment, name string) error {
	for _, s := range r.concern(name) {
		if d := r.stage(s); r.Overwrite && slices.Contains(r.standing(name), s) || !d.complete() && !d.interrupted() {
			continue
		}
		var keys []string
		moved, made := true, was
		if isStudent(s) {
			var err error
			if made, err = configs.Load(r.record(s), nil); err != nil {
				return fmt.Errorf("%w; this file says what made the student: put it back, or start it anew with --overwrite", err)
			}
		}
		for _, d := range configs.Diff(made, r.exp) {
			if d.Affects(s) {
				keys, moved = append(keys, d.String()), moved && d.Place()
			}
		}
		if len(keys) > 0 {
			remedy := "go back to its settings, use another --out, or --overwrite from that stage on"
			if moved {
				remedy += "; if the same files have only moved, say so in " + r.record(s)
			}
			return stateErrorf(r.Dir, "holds the %s stage of another experiment (%s); %s", s, strings.Join(keys, ", "), remedy)
		}
	}
	return nil
}

// record is the file with the experiment that made a stage: the run directory's, or a
// student's own.
func (r *run) record(name string) string {
	if isStudent(name) {
		return experimentFile(string(r.stage(name)))
	}
	return experimentFile(r.Dir)
}

// own writes the experiment of a stage, under the program that runs it.
func (r *run) own(name string) error {
	path := r.record(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, fmt.Appendf(nil, "# %s\n%s", cmp.Or(r.Program, "powerbert"), r.exp.YAML()))
}

// before is the stage that a stage goes on from; "" for the first. With a given
// retention configuration it is stage 1 where there is no search.
func (r *run) before(name string) string {
	if name == configs.StageRetrain && r.given() && !r.stage(configs.StageSearch).complete() {
		return configs.StageFinetune
	}
	if isStudent(name) {
		return configs.StageFinetune
	}
	all := configs.Stages()
	if i := slices.Index(all, name); i > 0 {
		return all[i-1]
	}
	return ""
}

// given tells whether the experiment brings its retention configuration.
func (r *run) given() bool { return len(r.exp.Retrain.Retention) > 0 }

// begin decides what to do about a stage. It returns the result of one that is
// complete already, and otherwise whether to go on from a checkpoint.
func (r *run) begin(name string) (done *Result, resume bool, err error) {
	if before := r.before(name); before != "" && !r.stage(before).complete() {
		return nil, false, r.lacks(before)
	}
	d := r.stage(name)
	switch {
	case r.Overwrite:
		return nil, false, nil
	case d.complete():
		done, err := readResult(d)
		return done, false, err
	case d.interrupted() && !r.Resume:
		return nil, false, stateErrorf(string(d), "was interrupted; go on with --resume, or start anew with --overwrite")
	case d.interrupted():
		return nil, true, nil
	}
	for _, s := range r.standing(name)[1:] {
		if later := r.stage(s); later.complete() || later.interrupted() {
			return nil, false, stateErrorf(r.Dir, "holds the %s stage, but not the %s stage before it; discard it with --overwrite", s, name)
		}
	}
	return nil, false, nil
}

// lock keeps other processes from working on the run directory until unlock.
func (r *run) lock() (unlock func(), err error) {
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		return nil, err
	}
	return lockFile(r.Dir, ".lock", (*flock.Flock).TryLock, "another process is at work on it; wait for that, or use another --out")
}

// finetuneLock is held by those who work elsewhere on the stage 1 of a run directory:
// by any number of them, or by the one who discards it.
const finetuneLock = ".finetune.lock"

// HoldFinetune keeps other processes from discarding the stage 1 of a run directory,
// which must be complete, until release. Many may hold it at a time.
func HoldFinetune(dir string) (release func(), err error) {
	if _, err := ReadResult(dir, configs.StageFinetune); err != nil {
		return nil, err
	}
	return lockFile(dir, finetuneLock, (*flock.Flock).TryRLock, "another process is about to discard its finetune stage; wait for that")
}

// lockFile takes a lock in a directory, or gives a *StateError that says busy.
func lockFile(dir, name string, try func(*flock.Flock) (bool, error), busy string) (unlock func(), err error) {
	l := flock.New(filepath.Join(dir, name))
	mine, err := try(l)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if !mine {
		return nil, stateErrorf(dir, "%s", busy)
	}
	return func() { l.Close() }, nil
}

// start readies the directories of a stage that is about to train: a new one
// first discards what it and the later ones, which stand on it, left. The last
// goes first, and each goes whole, so that what a kill leaves is consistent.
func (r *run) start(name string, resume bool) error {
	if !resume {
		if name == configs.StageFinetune {
			unlock, err := lockFile(r.Dir, finetuneLock, (*flock.Flock).TryLock, "another process is at work on a trial of its finetune stage; wait for that, or use another --out")
			if err != nil {
				return err
			}
			defer unlock()
			if err := atomicfile.RemoveDir(filepath.Join(r.Dir, trialsDir)); err != nil {
				return err
			}
		}
		for _, s := range slices.Backward(r.standing(name)) {
			if err := r.discard(s); err != nil {
				return err
			}
		}
	}
	if err := r.own(name); err != nil {
		return err
	}
	return os.MkdirAll(string(r.stage(name)), 0o755)
}

// discard removes a stage, and before it what report and experiment made of it.
func (r *run) discard(name string) error {
	d := r.stage(name)
	if exists(string(d)) {
		for _, file := range shownIn(name) {
			if err := os.Remove(filepath.Join(r.Dir, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return atomicfile.RemoveDir(string(d))
}

// shownIn are the files of a run directory that show a stage.
func shownIn(name string) (files []string) {
	figures := []string{"pareto"}
	switch name {
	case configs.StagePretrain:
		return nil
	case configs.StageFinetune:
		figures = append(figures, "cosine", "mutual-information", "strategies")
	case configs.StageSearch:
		figures = append(figures, "strategies")
	case configs.StageRetrain:
		files, figures = append(files, "report.html"), append(figures, "survivors")
	}
	for _, figure := range figures {
		files = append(files, figure+".json", figure+".svg", figure+".png")
	}
	return files
}
