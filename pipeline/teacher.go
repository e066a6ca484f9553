package pipeline

import (
	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// A teacher is a model that runs on every batch beside the one in training, dense
// and without dropout. What it says is a function of the batch, so nothing of it is
// saved and a resumed stage goes on to the same bits.
type teacher struct {
	config  arch.Config
	params  *model.Params[float32] // of an estimate, which freezes a copy to try a step; otherwise nil
	frozen  *model.Frozen[float32]
	follows []int // the encoders (0-based) whose [CLS] states those of a student follow
}

// teacher is stage 1's model.
func (r *run) teacher(t *task) (*teacher, error) {
	config, params, err := r.from(configs.StageFinetune, t)
	if err != nil {
		return nil, err
	}
	return &teacher{config: config, frozen: params.Freeze()}, nil
}

// apart is a teacher over a copy of the parameters, ready to teach a student that has
// the same ones.
func (t *teacher) apart() *teacher {
	own := *t
	copied := model.NewParams[float32](t.config)
	copy(copied.Arena(), t.params.Arena())
	own.frozen = copied.Freeze()
	return &own
}

// replicas are networks of the teacher, one per worker, that say as much as a
// student learns; none without a teacher.
func (t *teacher) replicas(workers int, learns model.Distil) (replicas, error) {
	if t == nil {
		return nil, nil
	}
	return newReplicas(workers, t.config, t.frozen, nil, teaching(learns))
}

// teaching is the use of a teacher's networks for what a student learns.
func teaching(learns model.Distil) model.Use {
	return model.Use{Full: learns.Last > 0, Inspect: learns.Last > 0 || learns.Patience > 0}
}

// teach runs the teachers on the parts of a batch that the networks hold, and hands
// them what the teachers say.
func (t *stepper) teach(all []data.Encoded, parts [][]int) error {
	if t.teachers == nil {
		return nil
	}
	return each(len(parts), func(w int) error {
		fill(t.teachers[w].Batch, all, parts[w], t.padTo)
		if err := t.teachers[w].Forward(); err != nil {
			return err
		}
		t.tell(t.teachers[w], t.nets[w])
		return nil
	})
}

// tell hands a student what its teacher made of the batch; the teacher's memory
// stays as it is until it runs again.
func (t *stepper) tell(teacher, student *net) {
	b, h := student.Batch, t.config.HiddenSize
	for _, v := range model.Values[float32](teacher.Logits) {
		b.Teacher = append(b.Teacher, float64(v))
	}
	if t.use.Distil.Last > 0 {
		student.Teacher.Last = model.Values[float32](teacher.Encoders[len(teacher.Encoders)-1].Output)
	}
	for j := range student.Teacher.CLS {
		states := student.Teacher.CLS[j][:0]
		rows := model.Values[float32](teacher.Encoders[t.teacher.follows[j]].Output)
		for s := range b.Sequences() {
			at := b.Offsets[s] * h
			states = append(states, rows[at:at+h]...)
		}
		student.Teacher.CLS[j] = states
	}
}
