package train

import (
	"slices"

	"github.com/powerbert/powerbert/data"
)

// words are the gradients of the word embeddings where each token has those of its row
// alone. A step touches few of the rows, and every rank knows from the examples which: so
// ranks sum these rows, in a copy, in place of the table, which is half of a small model.
type words struct {
	from, to int       // the table within the gradients; all else lies behind it
	width    int       // of a row
	rows     []int32   // that the step touches, in order
	copied   []float32 // these rows
}

// wordsOf are those of a learner, nil where ranks sum the table as they do the rest: the
// decoder of masked-language modelling has gradients for every row. Frozen embeddings have
// none.
//
// The gradients begin at from.
func wordsOf(l *Learner, from int) *words {
	embedding := l.Config.Net().Embedding
	table, _ := l.Params.Lookup(embedding.Words.Name)
	if l.Masking != nil || table.Offset != from {
		return nil
	}
	return &words{from: table.Offset, to: table.Offset + table.Size, width: embedding.Words.Width}
}

// look finds the rows that a step over some of all examples touches. What fills sequences up
// has no gradient.
func (w *words) look(all []data.Encoded, batch []int) {
	w.rows = w.rows[:0]
	for _, i := range batch {
		for s := range all[i].Sequences() {
			w.rows = append(w.rows, s.IDs...)
		}
	}
	slices.Sort(w.rows)
	w.rows = slices.Compact(w.rows)
}

// clear empties the rows that the last step touched.
func (w *words) clear(grad []float32) {
	for _, r := range w.rows {
		clear(w.row(grad, r))
	}
}

// row is the gradient of one.
func (w *words) row(grad []float32, r int32) []float32 {
	from := w.from + int(r)*w.width
	return grad[from : from+w.width]
}

// take copies the rows that the step touches.
func (w *words) take(grad []float32) []float32 {
	w.copied = w.copied[:0]
	for _, r := range w.rows {
		w.copied = append(w.copied, w.row(grad, r)...)
	}
	return w.copied
}

// put puts the copy back.
func (w *words) put(grad []float32) {
	for i, r := range w.rows {
		copy(w.row(grad, r), w.copied[i*w.width:])
	}
}
