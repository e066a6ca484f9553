package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/turns"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
)

// How long a model of a price in time is measured.
const (
	passTime   = 200 * time.Millisecond
	leastTurns = 5
)

// latencyOf is the price in time that an experiment asks for, of examples of a task.
func latencyOf(e *configs.Experiment, t *task) budget.Latency {
	l := e.Search.Latency
	mean := int(math.Round(data.MeanLength(t.Dev)))
	return budget.Latency{Milliseconds: l.Milliseconds, Batch: l.Batch, Length: cmp.Or(l.Length, mean), Asked: append([]string{}, e.Search.Candidates...)}
}

// stopwatch measures models of stage 1's family, on a batch made of the tokens of dev.
func stopwatch(ctx context.Context, e *configs.Experiment, c arch.Config, w *model.Frozen[float32], l *budget.Latency, dev []data.Encoded) budget.Stopwatch {
	batch := batchOf(dev, l.Batch, l.Length)
	return func(s budget.Shape, keep []int) (float64, error) {
		to, w := shaped(e, c, s, keep), w
		if s.Neurons != c.IntermediateSize { // whose weights are no first part of the whole model's
			random := model.NewParams[float32](to)
			random.Init(uint64(e.Seed))
			w = random.Freeze()
		}
		n, err := model.NewNet(to, w, nil, model.Use{Elimination: to.Elimination()})
		if err != nil {
			return 0, err
		}
		pass := turns.Seconds(func(int) error {
			predict.Fill(n.Batch, batch, predict.Between(0, len(batch)), padTo(e))
			return n.Forward()
		})
		if _, err := pass(0); err != nil { // the first one makes its memory
			return 0, err
		}
		took, err := turns.Take(ctx, turns.During(passTime, leastTurns), []turns.Way{pass})
		if err != nil {
			return 0, err
		}
		return 1000 * metric.Median(took[0]), nil
	}
}

// batchOf makes a batch of so many examples of one length of the tokens of a set, over
// and over. Of a multiple choice each option has that length.
func batchOf(set []data.Encoded, examples, length int) []data.Encoded {
	var ids []int32
	for i := range set {
		for s := range set[i].Sequences() {
			ids = append(ids, s.IDs...)
		}
	}
	at := 0
	sequence := func() data.Encoded {
		s := data.Encoded{IDs: make([]int32, length), Types: make([]int32, length)}
		for i := range s.IDs {
			s.IDs[i] = ids[at%len(ids)]
			at++
		}
		return s
	}
	batch := make([]data.Encoded, examples)
	for i := range batch {
		if options := len(set[0].Choices); options > 0 {
			for range options {
				batch[i].Choices = append(batch[i].Choices, sequence())
			}
		} else {
			batch[i] = sequence()
		}
	}
	return batch
}

// reachable refuses, before anything is trained, a price in time that no candidate meets,
// and one that dense BERT meets as it is.
func reachable(e *configs.Experiment, c arch.Config, f *budget.Field, t *task) error {
	l := latencyOf(e, t)
	random := model.NewParams[float32](c)
	random.Init(uint64(e.Seed))
	took := stopwatch(context.Background(), e, c, random.Freeze(), &l, t.Dev)
	names := e.Search.Candidates
	if len(names) == 0 {
		names = f.Names(0)
	}
	smallest := f.Smallest(names)
	least, err := took(smallest, slices.Repeat([]int{1}, smallest.Encoders))
	if err != nil {
		return err
	}
	dense, err := took(f.Shape, nil)
	if err != nil {
		return err
	}
	of := fmt.Sprintf("search.latency.ms is %g, but on this machine a batch of %d × %d tokens takes", l.Milliseconds, l.Batch, l.Length)
	switch {
	case least > l.Milliseconds:
		return configError(e, "search.latency.ms", fmt.Sprintf("%s %.2f ms in the least of the candidates, with a single word-vector an encoder; raise it, or lower search.latency.batch", of, least))
	case dense <= l.Milliseconds:
		return configError(e, "search.latency.ms", fmt.Sprintf("%s %.2f ms in dense BERT as it is, so there is nothing to save; lower it, or run stage 1 alone", of, dense))
	}
	return nil
}

// timed is the candidates that meet the experiment's price in time, measured, or as they
// were when the same price was asked for.
func (c *contest) timed(ctx context.Context, f *budget.Field, t *task) (*budget.Latency, error) {
	want, file := latencyOf(c.exp, t), rundir.LatencyFile(c.Dir)
	if known, err := readTable[budget.Latency](file); err != nil || known != nil && known.Same(&want) {
		return known, err
	}
	loaded, weights, err := model.LoadFrozen(string(c.place().Stage(configs.StageFinetune)))
	if err != nil {
		return nil, err
	}
	took := stopwatch(ctx, c.exp, loaded, weights, &want, t.Dev)
	if want.Dense, err = took(f.Shape, nil); err != nil {
		return nil, err
	}
	c.Log.Info("measuring candidates", "ms", want.Milliseconds, "dense", fmt.Sprintf("%.2f ms", want.Dense), "batch", want.Batch, "length", want.Length)
	if want.Candidates, err = f.Within(c.exp.Search.Candidates, want.Milliseconds, took); err != nil {
		return nil, err
	}
	return &want, rundir.WriteJSON(file, &want)
}
