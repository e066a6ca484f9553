package rundir

import (
	"errors"
	"io/fs"
	"os"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
)

// A Writer is a stage that this process alone writes, until Close.
type Writer struct {
	StageDir
	Resume bool // go on from the checkpoint
	unlock func()
}

// Finish writes the model's card and the result: from then on the stage is complete, and
// its files are in the manifest.
func (w *Writer) Finish(r *Result, card []byte) error {
	err := manifest.Update(string(w.StageDir), []string{metricsName}, func() error { return atomicfile.Write(w.File(cardName), card) })
	if err != nil {
		return err
	}
	if err := WriteJSON(w.File(resultName), r); err != nil {
		return err
	}
	return atomicfile.RemoveDir(w.Checkpoint())
}

// ChangeCard makes another one of the card of the stage's model, if it has one.
func (d StageDir) ChangeCard(change func(card []byte) []byte) error {
	card, err := os.ReadFile(d.File(cardName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return atomicfile.Write(d.File(cardName), change(card))
}

// WriteRetention writes what a search found.
func (w *Writer) WriteRetention(r *Retention) error { return WriteJSON(w.Retention(), r) }

// Close lets others work there.
func (w *Writer) Close() { w.unlock() }
