package experiments

import (
	"cmp"
	"context"
	"slices"
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

// time measures all ways of a summary.
func (r *run) time(ctx context.Context, s *Summary, o Options) (err error) {
	var ways []*infer.Timed
	for i := range s.Ways {
		ways = append(ways, &infer.Timed{Model: r.model(&s.Ways[i]), PadTo: r.padTo(&s.Ways[i])})
	}
	if s.Timing, err = r.clock(ctx, ways, timedBatch, o); err != nil {
		return err
	}
	for i, w := range ways {
		s.Ways[i].Milliseconds = w.PerExample
	}
	return nil
}

// clock measures all ways on a part of the dev set, in batches of size.
func (r *run) clock(ctx context.Context, ways []*infer.Timed, size int, o Options) (Timing, error) {
	sample := spread(r.dev, o.Examples)
	trial := spread(sample, size)
	if err := infer.Time(ctx, ways, trial, size, 1); err != nil {
		return Timing{}, err
	}
	perExample := 0.0
	for _, w := range ways {
		perExample += w.PerExample.Median
	}
	n, rounds := plan(len(sample), size, perExample, o.Budget)
	sample = spread(sample, n)
	o.Log.Info("timing on one core", "ways", len(ways), "examples", len(sample), "rounds", rounds)
	if err := infer.Time(ctx, ways, sample, size, rounds); err != nil {
		return Timing{}, err
	}
	return Timing{Examples: len(sample), Length: meanLength(sample), Batch: size, Rounds: rounds, Backend: infer.Backend(), CPU: machine.CPU()}, nil
}

// plan says how many examples and rounds fit into the budget, where one example
// takes so many milliseconds all ways together: few rounds rather than few
// examples, but minRounds at least, and a batch of size.
func plan(examples, size int, milliseconds float64, budget time.Duration) (n, rounds int) {
	affordable := float64(budget) / float64(time.Millisecond) / milliseconds // examples times rounds
	n = min(examples, max(size, int(affordable/minRounds)))
	return n, min(max(int(affordable/float64(n)), minRounds), maxRounds)
}

// spread is n of the examples, evenly over their lengths, in their order.
func spread(examples []data.Encoded, n int) []data.Encoded {
	if n >= len(examples) {
		return examples
	}
	chosen := evenly(byLength(examples), n)
	slices.Sort(chosen)
	list := make([]data.Encoded, n)
	for i, at := range chosen {
		list[i] = examples[at]
	}
	return list
}

// byLength is the indices of examples, the shortest first.
func byLength(examples []data.Encoded) []int {
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(examples[a].Tokens(), examples[b].Tokens()) })
	return order
}

// meanLength is that of the sequences of examples.
func meanLength(examples []data.Encoded) float64 {
	lengths, sum := data.Lengths(examples), 0
	for _, n := range lengths {
		sum += n
	}
	return float64(sum) / float64(len(lengths))
}
