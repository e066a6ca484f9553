package infer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/turns"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
)

// A Bench is how ways to run a model are measured.
type Bench struct {
	Examples []data.Encoded // the batches are cut from them, over and over
	Batch    int            // examples that pass together
	Workers  int            // batches at a time
	Cores    int            // that work on them; 0: one for each
	Budget   time.Duration  // for all ways together, about
}

// Benched is one way to run a model, and how fast it was.
type Benched struct {
	Name  string `json:"name"`
	Power bool   `json:"power"` // it eliminates word-vectors; the way before it is the same, but dense
	Model *Model `json:"-"`
	PadTo int    `json:"pad_to"` // rows of every example; 0: no padding

	Batches  int     `json:"batches"`             // that were measured
	P50      float64 `json:"p50_ms"`              // of a batch: half of them took no longer
	P95      float64 `json:"p95_ms"`              // of a batch
	Examples float64 `json:"examples_per_second"` // all workers together
	Tokens   float64 `json:"tokens_per_second"`   // padding not counted
	MACs     float64 `json:"multiply_adds"`       // of the encoders per example: Model.Cost
	GFLOPs   float64 `json:"gflops"`              // per second; a multiply-add is two

	LessTime  float64 `json:"less_time,omitempty"`           // how many times faster than dense: the median over the turns
	FewerMACs float64 `json:"fewer_multiply_adds,omitempty"` // times

	seconds []float64 // of each turn
}

const (
	minTurns = 3
	turnTime = 20 * time.Millisecond // a turn far above what it takes to start one
)

// LineUp lists the ways to run a model that are measured beside each other, for each of
// some paddings (rows of every example; 0: none): dense, which has the same weights, and
// with the retention configuration that m has, if it has one.
func LineUp(m, dense *Model, paddings []int) (ways []*Benched) {
	named := func(name string, padTo int) string {
		switch {
		case padTo > 0:
			return name + " padded"
		case len(paddings) > 1:
			return name + " unpadded"
		}
		return name
	}
	for _, padTo := range paddings {
		ways = append(ways, &Benched{Name: named("dense", padTo), Model: dense, PadTo: padTo})
		if m.Config.PowerRetention != nil {
			padTo = m.rows(padTo)
			ways = append(ways, &Benched{Name: named("PoWER", padTo), Power: true, Model: m, PadTo: padTo})
		}
	}
	return ways
}

// Run measures the ways. They take turns (turns.Take) with the same batches. Each way
// runs once unmeasured, and then minTurns times at least, however short the budget. Run
// reports an error where there is nothing to measure, and that of ctx when it ends.
func (b Bench) Run(ctx context.Context, ways []*Benched) error {
	if len(b.Examples) == 0 || b.Batch < 1 || b.Workers < 1 {
		return fmt.Errorf("infer: nothing to measure in %d examples, batches of %d, %d workers", len(b.Examples), b.Batch, b.Workers)
	}
	defer reserve(cmp.Or(b.Cores, b.Workers))()
	runners := make([]*runner, len(ways))
	slowest := time.Duration(1)
	for i, way := range ways {
		r := &runner{Benched: way, bench: &b}
		defer r.close()
		took, err := r.open(ctx)
		if err != nil {
			return err
		}
		runners[i], slowest = r, max(slowest, took)
	}
	count := b.perTurn(slowest)
	passes := make([]turns.Way, len(ways))
	for i, r := range runners {
		passes[i] = turns.Seconds(func(round int) error { return r.turn(ctx, round*count, count) })
	}
	took, err := turns.Take(ctx, turns.During(b.Budget, minTurns), passes)
	if err != nil {
		return err
	}
	for i, r := range runners {
		r.seconds = took[i]
		r.settle()
	}
	compare(ways)
	return nil
}

// perTurn is how many batches a turn has: for each worker as many as fill turnTime, if
// all take as long as the slowest, and one at least.
func (b *Bench) perTurn(slowest time.Duration) int { return b.Workers * max(1, int(turnTime/slowest)) }

// compare compares each way that eliminates word-vectors with the dense one before it.
func compare(ways []*Benched) {
	for i, w := range ways {
		if w.Power {
			dense := ways[i-1]
			w.LessTime, w.FewerMACs = metric.Median(metric.Ratios(dense.seconds, w.seconds)), dense.MACs/w.MACs
		}
	}
}

// reserve keeps all but so many cores from what runs until release.
func reserve(cores int) (release func()) {
	others := max(runtime.GOMAXPROCS(0)-cores, 0)
	for range others {
		kernel.Occupy()
	}
	return func() {
		for range others {
			kernel.Vacate()
		}
	}
}

// batch is the i-th batch; after the last example comes the first.
func (b *Bench) batch(i int) []data.Encoded {
	batch := make([]data.Encoded, b.Batch)
	for k := range batch {
		batch[k] = b.Examples[(i*b.Batch+k)%len(b.Examples)]
	}
	return batch
}

// runner is a way under measurement.
type runner struct {
	*Benched
	bench *Bench
	nets  []*model.Net[float32] // one per worker
	took  []time.Duration       // of each batch
}

// open makes a network for each worker and runs it once; took is the time of the
// fastest.
func (r *runner) open(ctx context.Context) (took time.Duration, err error) {
	for w := range r.bench.Workers {
		n, err := r.Model.net()
		if err != nil {
			return 0, err
		}
		r.nets = append(r.nets, n)
		d, err := r.run(ctx, n, w)
		if err != nil {
			return 0, err
		}
		if w == 0 || d < took {
			took = d
		}
	}
	return took, nil
}

// run passes the i-th batch through a network.
func (r *runner) run(ctx context.Context, n *model.Net[float32], i int) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	batch := r.bench.batch(i)
	start := time.Now()
	err := r.Model.forward(n, batch, r.PadTo)
	return time.Since(start), err
}

func (r *runner) close() {
	for _, n := range r.nets {
		r.Model.pool().Put(n)
	}
}

// turn runs count batches from the first on, each by the worker that is free.
func (r *runner) turn(ctx context.Context, first, count int) error {
	took, errs := make([]time.Duration, count), make([]error, len(r.nets))
	var next atomic.Int64
	take := func() int { return int(next.Add(1)) - 1 }
	var wait sync.WaitGroup
	for w, n := range r.nets {
		wait.Go(func() {
			for i := take(); i < count && errs[w] == nil; i = take() {
				took[i], errs[w] = r.run(ctx, n, first+i)
			}
		})
	}
	wait.Wait()
	r.took = append(r.took, took...)
	return errors.Join(errs...)
}

// settle works out the figures.
func (r *runner) settle() {
	all := r.bench.Examples
	costs := make([]float64, len(all))
	for i := range all {
		costs[i] = r.Model.Cost(all[i:i+1], r.PadTo)
	}
	ran := len(r.took) * r.bench.Batch
	cost, tokens := 0.0, 0
	for i := range ran {
		cost += costs[i%len(all)]
		tokens += all[i%len(all)].Tokens()
	}
	seconds := 0.0
	for _, s := range r.seconds {
		seconds += s
	}
	slices.Sort(r.took)
	r.Batches, r.P50, r.P95 = len(r.took), 1e3*metric.Percentile(r.took, 50).Seconds(), 1e3*metric.Percentile(r.took, 95).Seconds()
	r.Benched.Examples, r.Tokens, r.MACs = float64(ran)/seconds, float64(tokens)/seconds, cost/float64(ran)
	r.GFLOPs = 2 * cost / seconds / 1e9
}

// Dense is the model with the same weights that eliminates nothing.
func (m *Model) Dense() *Model {
	c := m.Config.Clone()
	c.PowerRetention, c.Budgets = nil, nil
	return &Model{Config: c, Tokenizer: m.Tokenizer, maxLength: m.maxLength, weights: m.weights}
}

// Random makes n texts of length tokens: [CLS], any pieces of the vocabulary but
// special ones, [SEP]. The same call makes the same texts.
func (m *Model) Random(n, length int) ([]data.Encoded, error) {
	if most := m.Config.Longest(); length < 2 || length > most {
		return nil, fmt.Errorf("infer: a text of %d tokens, want 2 to the model's %d", length, most)
	}
	pieces := m.ordinary()
	if len(pieces) == 0 {
		return nil, errors.New("infer: the vocabulary holds special tokens alone, want pieces of text")
	}
	frame := m.Tokenizer.Encode("", 0).IDs // [CLS] [SEP]
	random := rand.New(rand.NewPCG(uint64(n), uint64(length)))
	list := make([]data.Encoded, n)
	for i := range list {
		ids := make([]int32, length)
		for k := range ids {
			ids[k] = pieces[random.IntN(len(pieces))]
		}
		ids[0], ids[length-1] = frame[0], frame[1]
		list[i] = data.Encoded{IDs: ids, Types: make([]int32, length)}
	}
	return list, nil
}

// ordinary is the pieces that stand for text.
func (m *Model) ordinary() []int32 {
	var pieces []int32
	for id := range int32(min(m.Tokenizer.Size(), m.Config.VocabSize)) {
		if !m.Tokenizer.Special(id) {
			pieces = append(pieces, id)
		}
	}
	return pieces
}
