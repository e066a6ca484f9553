package train

import (
	"fmt"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
)

// A scribe is a rank of a job. It notes what sums begin with, and makes of every sum what
// no step leaves: whoever takes it for the next step's gradients is found out.
type scribe struct {
	rank, size int
	grad       []float32 // where the gradients of all parameters are
	begun      []summand
	alone      bool      // no other worker writes gradients while a sum begins
	first      []float32 // where alone, all gradients as the first sum began
}

// A summand is what a rank has given to a sum: at is its place in the gradients, −1 where it
// is none of them.
type summand struct {
	at     int
	values []float32
}

func (r *scribe) Rank() int                   { return r.rank }
func (r *scribe) Size() int                   { return r.size }
func (*scribe) AllReduce64(x []float64) error { return nil }
func (*scribe) Broadcast(x []byte) error      { return nil }

func (r *scribe) BeginAllReduce(x []float32) func() error {
	if r.alone && len(r.begun) == 0 {
		r.first = slices.Clone(r.grad)
	}
	at := cap(r.grad) - cap(x) // where they end at the same place
	if len(x) == 0 || at < 0 || at >= len(r.grad) || &r.grad[at] != &x[0] {
		at = -1
	}
	r.begun = append(r.begun, summand{at, slices.Clone(x)})
	return func() error {
		for i := range x {
			x[i] += 1000
		}
		return nil
	}
}

// given is what the scribe's rank gave of each gradient, and how often, of all parameters
// and then of r.
func (r *scribe) given(t *testing.T, w *words) (values []float32, often []int, ofR []float32) {
	t.Helper()
	values, often = make([]float32, len(r.grad)), make([]int, len(r.grad))
	last := len(r.begun) - 1
	var copied []float32
	for _, s := range r.begun[:last] {
		if s.at < 0 {
			copied = append(copied, s.values...)
			continue
		}
		for i, v := range s.values {
			values[s.at+i] = v
			often[s.at+i]++
		}
	}
	if w != nil {
		if rows := slices.Compact(slices.Sorted(slices.Values(w.rows))); !slices.Equal(rows, w.rows) {
			t.Errorf("rows of words are %v, want each once, in order", w.rows)
		}
		if len(copied) != len(w.rows)*w.width {
			t.Fatalf("%d values of words are summed, want %d rows of %d", len(copied), len(w.rows), w.width)
		}
		for i := w.from; i < w.to; i++ {
			often[i]++ // rows that are not copied are 0: compare sees to it
		}
		for i, row := range w.rows {
			copy(w.row(values, row), copied[i*w.width:])
		}
	} else if len(copied) > 0 {
		t.Errorf("%d values that are no gradients are summed", len(copied))
	}
	return values, often, r.begun[last].values
}

// exchanged are makers of learners whose gradients lie in other ways: on other families,
// of encoders that share their weights, of some that are frozen, of a decoder that is the word
// embeddings.
func exchanged(t *testing.T) map[string]func() Learner {
	all := map[string]func() Learner{}
	for name, make := range learners {
		all[name] = make
	}
	for _, family := range []string{arch.MPNet, arch.ALBERT, arch.ModernBERT} {
		all[family] = func() Learner { return learnerOf(arch.FamilyOf(family).Defaults()) }
	}
	all["frozen"] = func() Learner {
		l := plainLearner()
		l.Use.Frozen = 1
		return l
	}
	all["masked"] = func() Learner {
		c := plainLearner().Config
		if err := c.SetMaskedLM(); err != nil {
			t.Fatal(err)
		}
		l := learnerOf(c)
		l.Masking = &data.Masking{Share: 0.3, Mask: 4, Special: make([]bool, c.VocabSize)}
		return l
	}
	return all
}

// learnerOf is a small learner like c.
func learnerOf(c arch.Config) Learner {
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 3, 3, 20
	if c.EmbeddingSize > 0 {
		c.EmbeddingSize = 8
	}
	l := Learner{Config: c, Params: model.NewParams[float32](c), Use: model.Use{Train: true}}
	l.Params.Init(1)
	return l
}

// What a rank gives to the sums of a step is its part of the gradients, each once, whole
// before its sum begins, and nothing of what other ranks added in the step before. The
// first sums begin before the last gradients are there.
func TestExchange(t *testing.T) {
	for name, make := range exchanged(t) {
		if testing.Short() && name != "search" && name != "masked" {
			continue
		}
		for _, c := range []struct{ rank, workers, batch, padTo int }{{0, 1, 7, 0}, {1, 1, 7, 0}, {1, 2, 2, 0}, {0, 2, 4, sandwichN}} {
			p := crewPlan
			p.Batch = c.batch
			s, alone := stepperOf(t, make(), p, c.workers, c.padTo), stepperOf(t, make(), p, c.workers, c.padTo)
			alone.place = place{c.rank, 2}
			r := &scribe{rank: c.rank, size: 2, grad: s.Grad.Theta, alone: c.workers == 1}
			steps := newRankStepper(r, s, 100)
			for step, batch := range [][]int{{0, 1, 2, 3, 4, 5, 6}, {6}, {5, 4}, {3, 1, 2}} {
				r.begun = nil
				what := fmt.Sprintf("%s, %+v, step %d", name, c, step)
				if _, _, err := steps.gradients(sevenSequences(sandwichN), batch, uint64(step)); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				clear(alone.Grad.Theta)
				clear(alone.Grad.R)
				if _, err := alone.Gradients(sevenSequences(sandwichN), batch, uint64(step)); err != nil {
					t.Fatal(err)
				}
				compare(t, what, r, steps, alone)
				if step == 0 && c.rank == 0 && c.batch == 7 && slices.Equal(r.first, alone.Grad.Theta) {
					t.Errorf("%s: the first sum begins after the last gradient", what)
				}
			}
		}
	}
}

// stepperOf makes a stepper that the test closes.
func stepperOf(t *testing.T, l Learner, p plan.Plan, workers, padTo int) *Stepper {
	t.Helper()
	s, err := NewStepper(l, p, workers, padTo)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// compare holds what a scribe's rank, s, gave against what another has alone.
func compare(t *testing.T, what string, r *scribe, s *rankStepper, alone *Stepper) {
	t.Helper()
	got, often, ofR := r.given(t, s.exchange.words)
	for i, want := range alone.Grad.Theta {
		if got[i] != want {
			t.Errorf("%s: gradient %d is given as %v, want %v", what, i, got[i], want)
			break
		}
	}
	if !slices.Equal(ofR, alone.Grad.R) {
		t.Errorf("%s: r's gradients are %v, want %v", what, ofR, alone.Grad.R)
	}
	for i, n := range often {
		if n != 1 && i >= s.Grad.From() || n != 0 && i < s.Grad.From() {
			t.Errorf("%s: gradient %d of %d from %d on is summed %d times", what, i, len(often), s.Grad.From(), n)
			break
		}
	}
}
