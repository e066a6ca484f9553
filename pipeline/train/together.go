package train

import (
	"hash/crc32"
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

// together computes the gradients of a step with all ranks, and returns its task loss.
func (s *Stepper) together(p ranks.Peers, all []data.Encoded, batch []int, seed uint64) (task float64, t spent, err error) {
	begun, e := time.Now(), s.exchange(p)
	s.place = place{p.Rank(), p.Size()}
	s.clear()
	if s.words != nil {
		s.words.look(all, batch, s.padTo)
	}
	part, err := s.gradients(all, batch, seed, e.ready)
	if err != nil {
		return 0, t, err
	}
	t.computing = time.Since(begun)
	task, err = e.finish(s.Grad.R, part)
	t.waiting = time.Since(begun) - t.computing
	return task, t, err
}

// clear empties what other ranks may have added to in the step before and the first run of
// this one does not overwrite: r's gradients and those of tables, of which a run clears the
// rows that it has touched itself.
func (s *Stepper) clear() {
	clear(s.Grad.R)
	embedding := s.learner.Config.Net().Embedding
	for _, table := range []arch.Table{embedding.Positions, embedding.Types} {
		if t, ok := s.learner.Params.Lookup(table.Name); ok {
			clear(s.Grad.Theta[t.Offset : t.Offset+t.Size])
		}
	}
	if s.words != nil {
		s.words.clear(s.Grad.Theta)
	}
}

// share gives all ranks weights, r, the teacher's weights and, after a step, the moments
// that rank 0 has.
func (s *Stepper) share(p ranks.Peers) error {
	list := [][]float32{s.learner.Params.Arena()}
	if s.learner.Soft != nil {
		list = append(list, s.learner.Soft.R)
	}
	if t := s.learner.Teacher; t != nil {
		list = append(list, t.Frozen.Arena())
	}
	if state := s.opt.State(); state.Step > 0 {
		for _, m := range state.Moments {
			list = append(list, m.M, m.V)
		}
	}
	for _, x := range list {
		if err := ranks.BroadcastFloats(p, x); err != nil {
			return err
		}
	}
	return nil
}

// sum tells the weights and r of a learner from others.
func (l *Learner) sum() uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Checksum(ranks.Bytes(l.Params.Arena()), table)
	if l.Soft != nil {
		sum = crc32.Update(sum, table, ranks.Bytes(l.Soft.R))
	}
	return sum
}
