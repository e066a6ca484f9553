package rundir

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
)

// Look looks at the place of a stage before anything is read for it: what stays there
// must belong to the same experiment. It cleans up what kills have left, unless somebody
// is at work there, and returns the result of a stage that is complete already.
func (p *Place) Look(e *configs.Experiment, name string) (*Result, error) {
	c := claim{p, e}
	if err := c.open(name); err != nil {
		return nil, err
	}
	done, _, err := c.decide(name)
	return done, err
}

// Claim is Look for whoever is about to write: it locks the place and readies the
// directory of the stage, a new one by discarding what it and those after it left. With
// a result there is nothing to write.
func (p *Place) Claim(e *configs.Experiment, name string) (w *Writer, done *Result, err error) {
	unlock, err := lock(p.Dir)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if w == nil {
			unlock()
		}
	}()
	c := claim{p, e}
	if err := c.clean(name); err != nil {
		return nil, nil, err
	}
	if err := c.belongs(name); err != nil {
		return nil, nil, err
	}
	done, resume, err := c.decide(name)
	if done != nil || err != nil {
		return nil, done, err
	}
	if err := c.start(name, resume); err != nil {
		return nil, nil, err
	}
	return &Writer{StageDir: p.Stage(name), Resume: resume, unlock: unlock}, nil, nil
}

// A claim is what an experiment asks of a place.
type claim struct {
	*Place
	exp *configs.Experiment
}

// belongs checks that what stays in the run directory is of the same experiment.
func (c claim) belongs(name string) error {
	if !atomicfile.Exists(ExperimentFile(c.Dir)) {
		return c.vacant()
	}
	was, err := ReadExperiment(c.Dir)
	if err != nil {
		return err
	}
	return c.agrees(was, name)
}

// vacant refuses a directory whose folders only happen to be named as stages: they are
// not the program's to discard.
func (c claim) vacant() error {
	for _, s := range every(c.Dir) {
		if atomicfile.Exists(filepath.Join(c.Dir, s)) {
			return Errorf(c.Dir, "holds %s but no experiment.yaml, so it is no run directory; use another --out", s)
		}
	}
	return nil
}

// agrees checks that no stage that stays was made by another experiment. The stage at
// hand and those after it do not stay when they are overwritten.
func (c claim) agrees(was *configs.Experiment, name string) error {
	for _, s := range concern(name) {
		affects := func(d configs.Difference) bool { return d.Affects(s) }
		switch {
		case c.Overwrite && slices.Contains(standing(c.Dir, name), s):
			continue
		case c.Stage(s).begun():
		case s == configs.StageSearch && atomicfile.Exists(TournamentFile(c.Dir)):
			affects = configs.Difference.AffectsLists
		default:
			continue
		}
		made := was
		if isStudent(s) {
			var err error
			if made, err = loadRecord(c.recordFile(s)); err != nil {
				return fmt.Errorf("%w; this file says what made the student: put it back, or start it anew with --overwrite", err)
			}
		}
		if err := c.same(made, s, affects); err != nil {
			return err
		}
	}
	return nil
}

// same checks that a stage would be the same by the experiment that made it, as far as
// the keys go that affect it.
func (c claim) same(made *configs.Experiment, stage string, affects func(configs.Difference) bool) error {
	var keys []string
	moved := true
	for _, d := range configs.Diff(made, c.exp) {
		if affects(d) {
			keys, moved = append(keys, d.String()), moved && d.Path()
		}
	}
	if len(keys) == 0 {
		return nil
	}
	remedy := "go back to its settings, use another --out, or --overwrite from that stage on"
	if slices.ContainsFunc(configs.Renewed, func(key string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, key+":") })
	}) {
		remedy += "; compat: paper has the former defaults of " + strings.Join(configs.Renewed, ", ")
	}
	if moved {
		remedy += "; if the same files have only moved, say so in " + c.recordFile(stage)
	}
	return Errorf(c.Dir, "holds the %s stage of another experiment (%s); %s", stage, strings.Join(keys, ", "), remedy)
}

// recordFile is the file with the experiment that made a stage: the run directory's, or
// a student's own.
func (c claim) recordFile(name string) string {
	if isStudent(name) {
		return ExperimentFile(string(c.Stage(name)))
	}
	return ExperimentFile(c.Dir)
}

// record writes the experiment of a stage, under the program that runs it.
func (c claim) record(name string) error {
	path := c.recordFile(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return manifest.Write(path, fmt.Appendf(nil, "# %s\n%s", cmp.Or(c.Program, "powerbert"), c.exp.YAML()))
}

// decide returns the result of a stage that is complete already, and otherwise whether
// to go on from a checkpoint.
func (c claim) decide(name string) (done *Result, resume bool, err error) {
	if before := c.Before(c.exp, name); before != "" && !c.Stage(before).Complete() {
		return nil, false, c.Lacks(before)
	}
	d := c.Stage(name)
	switch {
	case c.Overwrite:
		return nil, false, nil
	case d.Complete():
		done, err := d.Result()
		return done, false, err
	case d.Interrupted() && !c.Resume:
		return nil, false, Errorf(string(d), "was interrupted; go on with --resume, or start anew with --overwrite")
	case d.Interrupted():
		return nil, true, nil
	}
	for _, s := range standing(c.Dir, name)[1:] {
		if c.Stage(s).begun() {
			return nil, false, Errorf(c.Dir, "holds the %s stage, but not the %s stage before it; discard it with --overwrite", s, name)
		}
	}
	return nil, false, nil
}

// discardFrom removes a stage and those that stand on it. The last goes first, and each
// goes whole, so that what a kill leaves is consistent. With stage 1 go its trials.
func (c claim) discardFrom(name string) error {
	if name == configs.StageFinetune {
		release, err := ownFinetune(c.Dir)
		if err != nil {
			return err
		}
		defer release()
		if err := atomicfile.RemoveDir(filepath.Join(c.Dir, trialsName)); err != nil {
			return err
		}
	}
	if name == configs.StageSearch || name == configs.StageRetrain {
		wholeOnly := name == configs.StageRetrain
		err := c.idle(wholeOnly)
		if err == nil {
			err = c.discardPrices(wholeOnly)
		}
		if err != nil {
			return err
		}
	}
	for _, s := range slices.Backward(standing(c.Dir, name)) {
		if err := c.discard(s); err != nil {
			return err
		}
	}
	return nil
}

// discard removes a stage, and before it what reports and figures made of it, and its
// model in int8.
func (c claim) discard(name string) error {
	d := c.Stage(name)
	if atomicfile.Exists(string(d)) {
		for _, path := range shownIn(c.Dir, name) {
			if err := atomicfile.Remove(path); err != nil {
				return err
			}
		}
	}
	if err := atomicfile.RemoveDir(string(d) + int8); err != nil {
		return err
	}
	return atomicfile.RemoveDir(string(d))
}

// open checks that what stays in the place belongs to the experiment, and cleans.
func (c claim) open(name string) error {
	if err := c.belongs(name); err != nil {
		return err
	}
	if !atomicfile.Exists(c.Dir) {
		return nil
	}
	unlock, err := lock(c.Dir)
	if err != nil { // another process is at work, or nobody may write here
		return nil
	}
	defer unlock()
	return c.clean(name)
}

// clean removes what a kill has left half written, or beside the result of a stage.
// The place must be locked.
func (c claim) clean(name string) error {
	d := c.Stage(name)
	err := errors.Join(atomicfile.Clean(c.Dir), atomicfile.Clean(string(d)))
	if err == nil && d.Complete() {
		err = atomicfile.RemoveDir(d.Checkpoint())
	}
	return err
}

// start readies the directory of a stage that is about to train.
func (c claim) start(name string, resume bool) error {
	if !resume {
		if err := c.discardFrom(name); err != nil {
			return err
		}
	}
	if err := c.record(name); err != nil {
		return err
	}
	return os.MkdirAll(string(c.Stage(name)), 0o755)
}
