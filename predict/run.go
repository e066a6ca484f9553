package predict

import (
	"cmp"
	"context"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
)

// BatchSequences is how many sequences pass a network together.
const BatchSequences = 64

// BatchExamples is how many examples that makes.
func BatchExamples(c *arch.Config) int { return max(BatchSequences/max(c.Options(), 1), 1) }

// A Run is a way to run networks over examples. Its result depends on neither their
// number nor the size of a batch.
type Run struct {
	Nets  Replicas
	PadTo int // rows per sequence; 0: as many as it has tokens
	Batch int // examples that pass a network together; 0: BatchExamples
	// Seen is called after each batch of a worker, by its goroutine, with the number of
	// the batch's first example, or window; nil: nobody looks.
	Seen func(worker, from int)
}

// Outputs gathers what the networks say of a set, in its order, of the windows of a text
// together. It reports the error of a network, or of ctx when it ends.
func (r Run) Outputs(ctx context.Context, set []data.Encoded) (problem.Outputs, error) {
	c := r.Nets[0].Config()
	windows, of := data.Apart(set)
	out := *data.Truth(c.Problem(), c.Labels(), set)
	out.Thresholds, out.Logits = c.Thresholds, make([][]float32, len(windows))
	err := InBatches(ctx, len(r.Nets), len(windows), cmp.Or(r.Batch, BatchExamples(c)), func(w, from, to int) error {
		n := r.Nets[w]
		Fill(n.Batch, windows, Between(from, to), r.PadTo)
		if err := n.Forward(); err != nil {
			return err
		}
		copy(out.Logits[from:], Rows(n, to-from))
		if r.Seen != nil {
			r.Seen(w, from)
		}
		return nil
	})
	if err == nil {
		out.Logits = Join(c.Window, out.Kind, out.Logits, of)
	}
	return out, err
}

// Join joins the logits of each text's windows: of[i] is the index of the text that window i
// is part of (data.Apart); nil: every window is a whole text. Without w a text's first window
// speaks for it.
func Join(w *problem.Window, kind problem.Kind, windows [][]float32, of []int) (joined [][]float32) {
	if of == nil {
		return windows
	}
	for from := 0; from < len(of); {
		to := from + 1
		for to < len(of) && of[to] == of[from] {
			to++
		}
		if to == from+1 || w == nil {
			joined = append(joined, windows[from])
		} else {
			joined = append(joined, w.Joined(kind, windows[from:to]))
		}
		from = to
	}
	return joined
}

// Rows are the logits of each of so many examples that a network has run, the options of
// an example side by side, in memory of their own.
func Rows(n *Net, examples int) [][]float32 {
	values := append([]float32(nil), model.Values[float32](n.Logits)...)
	width, rows := len(values)/examples, make([][]float32, examples)
	for i := range rows {
		rows[i] = values[i*width : (i+1)*width : (i+1)*width]
	}
	return rows
}

// InBatches calls f for 0 … n−1 in pieces of so many, which workers take turns with, all
// at once. A context of Watch is told how far they are.
func InBatches(ctx context.Context, workers, n, batch int, f func(worker, from, to int) error) error {
	watch := watching(ctx, n)
	return Each(workers, func(w int) error {
		for from := w * batch; from < n; from += workers * batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			to := min(from+batch, n)
			if err := f(w, from, to); err != nil {
				return err
			}
			watch(to - from)
		}
		return nil
	})
}

// MaskedLoss is the mean cross-entropy of a set's masked tokens. Which those are an
// example's place in the set decides, so that every measurement asks for the same.
func MaskedLoss(ctx context.Context, nets Replicas, set []data.Encoded, masking *data.Masking) (float64, error) {
	sums, counts := make([]float64, len(set)), make([]int, len(set)) // of a batch, at its first sequence
	err := InBatches(ctx, len(nets), len(set), BatchSequences, func(w, from, to int) error {
		n, part := nets[w], Between(from, to)
		Fill(n.Batch, set, part, 0)
		Mask(n.Batch, masking, part, 0)
		n.Batch.Weight = 1
		if err := n.Forward(); err != nil {
			return err
		}
		sums[from], counts[from] = n.TaskLoss(), len(n.Batch.Labels)
		return nil
	})
	sum, count := 0.0, 0
	for i, n := range counts {
		sum, count = sum+sums[i], count+n
	}
	return sum / float64(count), err
}
