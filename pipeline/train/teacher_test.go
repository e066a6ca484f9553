package train

import (
	"context"
	"math"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
)

// The teacher of each sequence says of it what it says alone, whichever worker has it.
func TestTeachersSayWhatTheySayAlone(t *testing.T) {
	c := arch.DefaultConfig()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 2, 3, 20
	student, teacher := model.NewParams[float32](c), model.NewParams[float32](c)
	student.Init(1)
	teacher.Init(2)
	l := Learner{Config: c, Params: student, Use: model.Use{Train: true, Distil: model.Distil{Hard: 0.5, Soft: 0.5, Temperature: 2}},
		Teacher: (&Teacher{Config: c, Params: teacher}).Apart()}
	s, err := NewStepper(l, plan.Plan{Batch: 8, LR: 1, Eps: 1}, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all []data.Encoded
	for i := range 6 {
		e := data.Encoded{IDs: make([]int32, 3+i), Types: make([]int32, 3+i)}
		for k := range e.IDs {
			e.IDs[k] = int32(7*i+3*k) % 50
		}
		all = append(all, e)
	}
	parts := [][]int{{3, 0}, {5, 1, 2}}
	for w, part := range parts {
		predict.Fill(s.nets[w].Batch, all, part, 0)
	}
	if err := s.teach(all, parts); err != nil {
		t.Fatal(err)
	}
	nets, err := predict.NewReplicas(1, c, teacher, nil, model.Use{})
	if err != nil {
		t.Fatal(err)
	}
	defer nets.Close()
	alone, err := predict.Run{Nets: nets}.Outputs(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	for w, part := range parts {
		for k, i := range part {
			for class, want := range alone.Logits[i] {
				if got := s.nets[w].Batch.Teacher[2*k+class]; math.Abs(got-float64(want)) > 1e-5 {
					t.Errorf("example %d, class %d: the teacher says %v, want %v", i, class, got, want)
				}
			}
		}
	}
}

// A teacher computes no more than its student learns: all rows of its last encoder, or
// what its encoders make, where terms of the loss read them.
func TestTeachingIsWhatIsLearned(t *testing.T) {
	for _, c := range []struct {
		learns        model.Distil
		full, inspect bool
	}{
		{model.Distil{Hard: 0.5, Soft: 0.5}, false, false},
		{model.Distil{Last: 0.5}, true, true},
		{model.Distil{Patience: 0.5}, false, true},
	} {
		if use := Teaching(c.learns); use.Full != c.full || use.Inspect != c.inspect || use.Train {
			t.Errorf("%+v: full %v, inspect %v, want %v, %v", c.learns, use.Full, use.Inspect, c.full, c.inspect)
		}
	}
}

// What a teacher cannot read is an error, though its student can.
func TestTeacherErrors(t *testing.T) {
	c := arch.DefaultConfig()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 2, 3, 20
	small := c
	small.VocabSize = 40
	l := Learner{Config: c, Params: model.NewParams[float32](c), Use: model.Use{Train: true, Distil: model.Distil{Soft: 1, Temperature: 1}},
		Teacher: (&Teacher{Config: small, Params: model.NewParams[float32](small)}).Apart()}
	s, err := NewStepper(l, plan.Plan{Batch: 8, LR: 1, Eps: 1}, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const want = "model: token id 42, type 0 lies outside the vocabulary of 40 and 2 types"
	all := sevenSequences(9) // of which the last has the ids from 42 on
	if _, err := s.Gradients(all, []int{6}, 1); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
