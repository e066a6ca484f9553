package train

import (
	"hash/crc32"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/ranks"
)

// part has this rank compute its part of a step's gradients, and returns its part of the
// task loss.
func (s *Stepper) part(p ranks.Peers, all []data.Encoded, batch []int, seed uint64) (float64, error) {
	s.place = place{p.Rank(), p.Size()}
	clear(s.Grad.Theta)
	clear(s.Grad.R)
	return s.Gradients(all, batch, seed)
}

// total sums the parts of a step's gradients over all ranks, and returns the sum of the
// parts of its task loss.
func (s *Stepper) total(p ranks.Peers, part float64) (float64, error) {
	for _, grad := range [][]float32{s.Grad.Theta, s.Grad.R} {
		if err := p.AllReduce(grad); err != nil {
			return 0, err
		}
	}
	sum := []float64{part}
	err := p.AllReduce64(sum)
	return sum[0], err
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
