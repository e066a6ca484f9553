package rundir

import "github.com/powerbert/powerbert/internal/atomicfile"

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
