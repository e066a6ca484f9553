package train

import (
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/ranks"
	"github.com/powerbert/powerbert/model/arch"
)

// A spent is how long a rank computed its part of gradients, and how long it then waited
// for sums and for other ranks.
type spent struct{ computing, waiting time.Duration }

// add counts times in.
func (t *spent) add(more spent) {
	t.computing, t.waiting = t.computing+more.computing, t.waiting+more.waiting
}

// A rankStepper makes the part of one rank in each step, and the sum with the others.
type rankStepper struct {
	*Stepper
	exchange *exchange
	tables   [][]float32 // gradients of tables but for words, of which a step touches rows
}

// newRankStepper shares the steps of a stepper with other ranks.
func newRankStepper(p ranks.Peers, s *Stepper, bucket int) *rankStepper {
	s.place = place{p.Rank(), p.Size()}
	words := wordsOf(&s.learner, s.Grad.From())
	t := &rankStepper{Stepper: s, exchange: newExchange(p, s.Grad.Theta, s.Grad.From(), words, bucket)}
	embedding := s.learner.Config.Net().Embedding
	for _, table := range []arch.Table{embedding.Positions, embedding.Types} {
		if tensor, ok := s.learner.Params.Lookup(table.Name); ok {
			t.tables = append(t.tables, s.Grad.Theta[tensor.Offset:tensor.Offset+tensor.Size])
		}
	}
	return t
}

// gradients computes those of a step with all ranks, and returns its task loss.
func (t *rankStepper) gradients(all []data.Encoded, batch []int, seed uint64) (task float64, took spent, err error) {
	begun := time.Now()
	t.clear()
	if words := t.exchange.words; words != nil {
		words.look(all, batch)
	}
	t.exchange.begin()
	part, err := t.Stepper.gradients(all, batch, seed, t.exchange.ready)
	if err != nil {
		return 0, took, err
	}
	took.computing = time.Since(begun)
	task, err = t.exchange.finish(t.Grad.R, part)
	took.waiting = time.Since(begun) - took.computing
	return task, took, err
}

// clear empties what other ranks may have added to in the step before and the first run of
// this one does not overwrite: r's gradients and those of tables, of which a run clears the
// rows that it has touched itself.
func (t *rankStepper) clear() {
	clear(t.Grad.R)
	for _, table := range t.tables {
		clear(table)
	}
	if words := t.exchange.words; words != nil {
		words.clear(t.Grad.Theta)
	}
}
