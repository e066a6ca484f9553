package infer

import (
	"context"
	"fmt"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/turns"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
)

// Timed is one way to run a model, and how long it took.
type Timed struct {
	Model *Model
	PadTo int // rows of every example; 0: no padding

	PerExample metric.Range // milliseconds, over the rounds
}

// Time measures several ways to run the same examples, on one core, in batches
// of size. The ways take turns in every round (turns.Take). It reports an error where
// there is nothing to measure, and that of ctx when it ends.
func Time(ctx context.Context, ways []*Timed, examples []data.Encoded, size, rounds int) error {
	if len(examples) == 0 || size < 1 || rounds < 1 {
		return fmt.Errorf("infer: nothing to time in %d examples, batches of %d, %d rounds", len(examples), size, rounds)
	}
	defer reserve(1)()
	passes := make([]turns.Way, len(ways))
	for i, w := range ways {
		n, err := w.Model.net()
		if err != nil {
			return err
		}
		defer w.Model.pool().Put(n)
		if err := w.pass(n, examples[:min(size, len(examples))], size); err != nil { // warms up
			return err
		}
		passes[i] = turns.Seconds(func(int) error { return w.pass(n, examples, size) })
	}
	took, err := turns.Take(ctx, turns.Rounds(rounds), passes)
	if err != nil {
		return err
	}
	for i, w := range ways {
		w.PerExample = metric.RangeOf(took[i]).Times(1e3 / float64(len(examples)))
	}
	return nil
}

// pass runs all examples once.
func (w *Timed) pass(n *model.Net[float32], examples []data.Encoded, size int) error {
	for from := 0; from < len(examples); from += size {
		if err := w.Model.forward(n, examples[from:min(from+size, len(examples))], w.PadTo); err != nil {
			return err
		}
	}
	return nil
}
