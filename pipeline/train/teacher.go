package train

import (
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/predict"
)

// A Teacher is a model that runs on every batch beside the one in training, dense
// and without dropout. What it says is a function of the batch, so nothing of it is
// saved and a resumed stage goes on to the same bits.
type Teacher struct {
	Config  arch.Config
	Params  *model.Params[float32] // of an estimate, which freezes a copy to try a step; otherwise nil
	Frozen  *model.Frozen[float32]
	Follows []int // the encoders (0-based) whose [CLS] states those of a student follow
}

// Apart is a teacher over a copy of the parameters, ready to teach a student that has
// the same ones.
func (t *Teacher) Apart() *Teacher {
	own := *t
	copied := model.NewParams[float32](t.Config)
	copy(copied.Arena(), t.Params.Arena())
	own.Frozen = copied.Freeze()
	return &own
}

// replicas are networks of the teacher, one per worker, that say as much as a
// student learns; none without a teacher.
func (t *Teacher) replicas(workers int, learns model.Distil) (predict.Replicas, error) {
	if t == nil {
		return nil, nil
	}
	return predict.NewReplicas(workers, t.Config, t.Frozen, nil, Teaching(learns))
}

// Teaching is the use of a teacher's networks for what a student learns.
func Teaching(learns model.Distil) model.Use {
	return model.Use{Full: learns.Last > 0, Inspect: learns.Last > 0 || learns.Patience > 0}
}

// teach runs the teachers on the parts of a batch that the networks hold, and hands
// them what the teachers say.
func (s *Stepper) teach(all []data.Encoded, parts [][]int) error {
	if s.teachers == nil {
		return nil
	}
	return predict.Each(len(parts), func(w int) error {
		predict.Fill(s.teachers[w].Batch, all, parts[w], s.padTo)
		if err := s.teachers[w].Forward(); err != nil {
			return err
		}
		s.tell(s.teachers[w], s.nets[w])
		return nil
	})
}

// tell hands a student what its teacher made of the batch; the teacher's memory
// stays as it is until it runs again.
func (s *Stepper) tell(teacher, student *predict.Net) {
	b, h := student.Batch, s.learner.Config.HiddenSize
	for _, v := range model.Values[float32](teacher.Logits) {
		b.Teacher = append(b.Teacher, float64(v))
	}
	if s.learner.Use.Distil.Last > 0 {
		student.Teacher.Last = model.Values[float32](teacher.Encoders[len(teacher.Encoders)-1].Output)
	}
	for j := range student.Teacher.CLS {
		states := student.Teacher.CLS[j][:0]
		rows := model.Values[float32](teacher.Encoders[s.learner.Teacher.Follows[j]].Output)
		for q := range b.Sequences() {
			at := b.Offsets[q] * h
			states = append(states, rows[at:at+h]...)
		}
		student.Teacher.CLS[j] = states
	}
}
