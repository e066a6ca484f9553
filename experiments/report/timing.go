package report

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/machine"
)

const (
	timedBatch = 32 // examples that pass together while the clock runs, where nothing else is asked for
	minRounds  = 3
	maxRounds  = 15
)

// The defaults of a Clock, and of Options.
const (
	DefaultExamples = 256
	DefaultBudget   = 10 * time.Second
)

// A Clock times models on a part of a dev set, on one core.
type Clock struct {
	Examples int           // at most; 0: DefaultExamples
	Batch    int           // examples that pass together; 0: timedBatch
	Budget   time.Duration // about; 0: DefaultBudget
	Log      *slog.Logger  // of what is being done
}

// Timing says how milliseconds were measured.
type Timing struct {
	Examples int     `json:"examples"` // of the dev set, drawn evenly over their lengths
	Length   float64 `json:"mean_length"`
	Batch    int     `json:"batch"`
	Rounds   int     `json:"rounds"`  // in which the ways took turns
	Backend  string  `json:"backend"` // of the matrix products
	CPU      string  `json:"cpu"`
}

// Time measures all ways on examples of dev, as many and in as many rounds as the budget
// allows.
func (c Clock) Time(ctx context.Context, ways []*infer.Timed, dev []data.Encoded) (Timing, error) {
	size := cmp.Or(c.Batch, timedBatch)
	sample := spread(dev, cmp.Or(c.Examples, DefaultExamples))
	if err := infer.Time(ctx, ways, spread(sample, size), size, 1); err != nil {
		return Timing{}, err
	}
	perExample := 0.0
	for _, w := range ways {
		perExample += w.PerExample.Median
	}
	n, rounds := plan(len(sample), size, perExample, cmp.Or(c.Budget, DefaultBudget))
	sample = spread(sample, n)
	c.Log.Info("timing on one core", "ways", len(ways), "examples", len(sample), "rounds", rounds)
	if err := infer.Time(ctx, ways, sample, size, rounds); err != nil {
		return Timing{}, err
	}
	return Timing{Examples: len(sample), Length: data.MeanLength(sample), Batch: size, Rounds: rounds, Backend: infer.Backend(), CPU: machine.CPU()}, nil
}

// plan says how many examples and rounds fit into the budget, where one example
// takes so many milliseconds all ways together: few rounds rather than few
// examples, but minRounds at least, and a batch of size.
func plan(examples, size int, milliseconds float64, budget time.Duration) (n, rounds int) {
	affordable := float64(budget) / float64(time.Millisecond) / milliseconds // examples times rounds
	n = min(examples, max(size, int(affordable/minRounds)))
	return n, min(max(int(affordable/float64(n)), minRounds), maxRounds)
}
