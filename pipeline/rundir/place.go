package rundir

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// A Place says where stages run, and what may become of what is there.
type Place struct {
	Dir       string // run directory
	Finetuned string // directory of stage 1, which several runs share; "": in Dir
	Resume    bool   // go on from the checkpoint of an interrupted stage
	Overwrite bool   // discard what the stage and those after it left
	MaxSteps  int    // of a dry run; 0: none
	Program   string // version of the program, for experiment.yaml
}

// Stage is the directory of a stage.
func (p *Place) Stage(name string) StageDir {
	if name == configs.StageFinetune && p.Finetuned != "" {
		return StageDir(p.Finetuned)
	}
	return Stage(p.Dir, name)
}

// Lacks is the error of a run directory without a complete stage, and how to get it.
func (p *Place) Lacks(stage string) error {
	command := "train " + stage + " CONFIG"
	if method, layers, student := configs.ParseStudent(stage); student {
		command = fmt.Sprintf("train distil CONFIG --method %s --layers %d", method, layers)
	}
	command += " --out " + strings.TrimSuffix(p.Dir, dryRun)
	if p.MaxSteps > 0 {
		command += fmt.Sprintf(" --max-steps %d", p.MaxSteps)
	}
	if p.Stage(stage).Interrupted() {
		command += " --resume"
	}
	return Errorf(p.Dir, "no complete %s stage here; run `%s` first", stage, command)
}

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

// A Writer is a stage that this process alone writes, until Close.
type Writer struct {
	StageDir
	Resume bool // go on from the checkpoint
	unlock func()
}

// Finish writes the model's card and the result: from then on the stage is complete.
func (w *Writer) Finish(r *Result, card []byte) error {
	if err := atomicfile.Write(w.File(cardName), card); err != nil {
		return err
	}
	if err := WriteJSON(w.File(resultName), r); err != nil {
		return err
	}
	return atomicfile.RemoveDir(w.Checkpoint())
}

// WriteRetention writes what a search found.
func (w *Writer) WriteRetention(r *Retention) error { return WriteJSON(w.Retention(), r) }

// Close lets others work there.
func (w *Writer) Close() { w.unlock() }

// open checks that what stays in the place belongs to the experiment, and cleans.
func (c claim) open(name string) error {
	if err := c.belongs(name); err != nil {
		return err
	}
	if !exists(c.Dir) {
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
