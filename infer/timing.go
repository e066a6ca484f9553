package infer

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
)

// Timed is one way to run a model, and what that took.
type Timed struct {
	Model *Model
	PadTo int // rows of every example; 0: no padding

	PerExample metric.Range // milliseconds
	MACs       float64      // multiply-adds of the encoders per example: Model.Cost
}

// Time measures several ways to run the same examples, on one core, in batches
// of size. The ways take turns in every round, so that a disturbance of the
// machine meets all of them; the figures are medians over the rounds. It reports
// an error where there is nothing to measure, and that of ctx when it ends.
func Time(ctx context.Context, ways []*Timed, examples []data.Encoded, size, rounds int) error {
	if len(examples) == 0 || size < 1 || rounds < 1 {
		return fmt.Errorf("infer: nothing to time in %d examples, batches of %d, %d rounds", len(examples), size, rounds)
	}
	for range runtime.GOMAXPROCS(0) - 1 { // no other core may help
		kernel.Occupy()
		defer kernel.Vacate()
	}
	nets := make([]*model.Net[float32], len(ways))
	for i, w := range ways {
		var err error
		if nets[i], err = w.Model.net(); err != nil {
			return err
		}
		defer w.Model.nets.Put(nets[i])
		if err := w.pass(nets[i], examples[:min(size, len(examples))], size); err != nil { // warms up
			return err
		}
	}
	took := make([][]float64, len(ways))
	for range rounds {
		for i, w := range ways {
			if err := ctx.Err(); err != nil {
				return err
			}
			start := time.Now()
			if err := w.pass(nets[i], examples, size); err != nil {
				return err
			}
			took[i] = append(took[i], 1e3*time.Since(start).Seconds()/float64(len(examples)))
		}
	}
	for i, w := range ways {
		w.PerExample = metric.RangeOf(took[i])
		w.MACs = w.Model.Cost(examples, w.PadTo)
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
