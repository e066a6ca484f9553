package train

import (
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/predict"
)

// A Teacher is a model that runs beside the one in training, dense and without dropout.
// What it says of an example is a function of that example alone, to the bit, so it is
// asked once and remembered; who knows what it said before tells it (Hear), and a stage that
// is asked again goes on to the same bits.
type Teacher struct {
	Config  arch.Config
	Params  *model.Params[float32] // of an estimate, which freezes a copy to try a step; otherwise nil
	Frozen  *model.Frozen[float32]
	Follows []int // for each encoder of a student the one (0-based) whose [CLS] state it learns

	said map[int][]float64 // logits, by the number of an example of which they are known before
}

// Hear tells what the teacher says of an example, by its number, so that it is not asked.
func (t *Teacher) Hear(example int, logits []float32) {
	if t.said == nil {
		t.said = map[int][]float64{}
	}
	t.said[example] = widened(nil, logits)
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

// remembers tells whether what a teacher says of an example serves every later step: its
// logits do; the states of its encoders would fill the memory.
func remembers(learns model.Distil) bool { return learns.Last == 0 && learns.Patience == 0 }

// ReadsBefore tells whether a teacher reads the training examples of a student that learns so
// before the first step: where it is remembered, and no other ranks take their part.
func ReadsBefore(learns model.Distil, ranks int) bool { return remembers(learns) && ranks <= 1 }

// Passes is how many times a teacher runs on the examples in so many epochs of a student
// that learns so: where it is remembered, not more than once.
func Passes(learns model.Distil, epochs float64) float64 {
	if remembers(learns) {
		return min(epochs, 1)
	}
	return epochs
}

// teach runs the teachers on those parts of a batch of which they have not said all yet,
// and hands the networks that hold it what the teachers say.
func (s *Stepper) teach(all []data.Encoded, parts [][]int) error {
	if s.teachers == nil {
		return nil
	}
	asked := make([][]int, len(parts))
	for w, part := range parts {
		asked[w] = s.unsaid(part)
	}
	err := predict.Each(len(parts), func(w int) error {
		if len(asked[w]) == 0 {
			return nil
		}
		predict.Fill(s.teachers[w].Batch, all, asked[w], s.padTo)
		return s.teachers[w].Forward()
	})
	if err != nil {
		return err
	}
	for w := range parts {
		s.hear(s.teachers[w], all, asked[w])
	}
	for w, part := range parts {
		s.tell(s.teachers[w], s.nets[w], part)
	}
	if !s.Remembers {
		clear(s.said)
	}
	return nil
}

// unsaid are those examples of a part of which the teacher has not said its logits.
func (s *Stepper) unsaid(part []int) (list []int) {
	for _, i := range part {
		if s.said[i] == nil {
			list = append(list, i)
		}
	}
	return list
}

// hear keeps what a teacher has said of the examples that it ran on.
func (s *Stepper) hear(teacher *predict.Net, all []data.Encoded, asked []int) {
	if len(asked) == 0 {
		return
	}
	logits := model.Values[float32](teacher.Logits)
	outputs := len(logits) / teacher.Batch.Sequences()
	for _, i := range asked {
		said := []float64{}
		for range all[i].Sequences() {
			said, logits = widened(said, logits[:outputs]), logits[outputs:]
		}
		s.said[i] = said
	}
}

// tell hands a student what its teacher made of its part of the batch; the states of the
// teacher's encoders stay in its memory until it runs again.
func (s *Stepper) tell(teacher, student *predict.Net, part []int) {
	for _, i := range part {
		student.Batch.Teacher = append(student.Batch.Teacher, s.said[i]...)
	}
	b, h := student.Batch, s.learner.Config.HiddenSize
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
