package train

import (
	"hash/crc32"

	"github.com/powerbert/powerbert/internal/ranks"
)

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
