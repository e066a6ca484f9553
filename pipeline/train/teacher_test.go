package train

import (
	"context"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
)

// The teacher of each sequence says of it what it says alone, whichever worker has it.
func TestTeachersSayWhatTheySayAlone(t *testing.T) {
	s := taught(t, model.Distil{Hard: 0.5, Soft: 0.5, Temperature: 2})
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
	nets, err := predict.NewReplicas(1, s.learner.Config, s.learner.Teacher.Frozen, nil, model.Use{})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := predict.Run{Nets: nets}.Outputs(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	for w, part := range parts {
		for k, i := range part {
			for class, want := range alone.Logits[i] {
				if got := s.nets[w].Batch.Teacher[2*k+class]; got != float64(want) {
					t.Errorf("example %d, class %d: the teacher says %v, want %v", i, class, got, want)
				}
			}
		}
	}
}

// A teacher that is remembered is asked once of each example, and what it said then
// teaches to the same bits as asking it in every step.
func TestRememberedTeachersTeachTheSame(t *testing.T) {
	all := sevenSequences(9)
	batches := [][]int{{0, 1, 2}, {3, 4, 0}, {5, 6, 6}, {6, 0, 5}, {2, 4, 1}}
	var weights [2][]float32
	asked := 0
	for k, remembers := range []bool{false, true} {
		s := taught(t, model.Distil{Hard: 0.5, Soft: 0.5, Temperature: 2})
		s.Remembers = remembers
		for i, batch := range batches {
			for w := range s.teachers {
				s.teachers[w].Batch.Reset()
			}
			if _, err := s.Gradients(all, batch, uint64(i)); err != nil {
				t.Fatal(err)
			}
			if err := s.Update(1); err != nil {
				t.Fatal(err)
			}
			for w := range s.teachers {
				if remembers {
					asked += s.teachers[w].Batch.Sequences()
				}
			}
		}
		weights[k] = s.learner.Params.Arena()
	}
	if !slices.Equal(weights[0], weights[1]) {
		t.Error("the weights depend on whether a teacher is remembered")
	}
	if asked != 8 { // 7 examples, one of them twice in the step in which it comes first
		t.Errorf("a remembered teacher was asked of %d examples, want 8", asked)
	}
}

// What a teacher is known to say it is not asked, where its logits are all that is learned.
func TestTeachersAreNotAskedWhatTheySaid(t *testing.T) {
	all := sevenSequences(9)
	for _, learns := range []model.Distil{{Hard: 0.5, Soft: 0.5, Temperature: 2}, {Hard: 0.5, Soft: 0.5, Temperature: 2, Patience: 1}} {
		of := taught(t, learns).learner
		of.Teacher.Follows = []int{0}
		of.Teacher.Hear(5, []float32{0.25, -3})
		s, err := NewStepper(of, plan.Plan{Batch: 8, LR: 1e-3, Eps: 1e-8}, 2, 0)
		if err != nil {
			t.Fatal(err)
		}
		s.Remembers = remembers(learns)
		parts := [][]int{{3, 5}, {1}}
		for w, part := range parts {
			predict.Fill(s.nets[w].Batch, all, part, 0)
		}
		if err := s.teach(all, parts); err != nil {
			t.Fatal(err)
		}
		heard := slices.Equal(s.nets[0].Batch.Teacher[2:], []float64{0.25, -3})
		if n := s.teachers[0].Batch.Sequences(); heard != s.Remembers || (n == 1) != s.Remembers {
			t.Errorf("remembers %v: %d sequences are asked of, and %v is said", s.Remembers, n, s.nets[0].Batch.Teacher)
		}
	}
}

// Logits are remembered, states of encoders are not.
func TestPasses(t *testing.T) {
	for _, c := range []struct {
		learns       model.Distil
		epochs, want float64
	}{
		{model.Distil{Soft: 0.5}, 3, 1}, {model.Distil{Soft: 0.5}, 0.25, 0.25},
		{model.Distil{Soft: 0.5, Patience: 1}, 3, 3}, {model.Distil{Last: 1}, 3, 3},
	} {
		if got := Passes(c.learns, c.epochs); got != c.want {
			t.Errorf("%+v: %v passes in %v epochs, want %v", c.learns, got, c.epochs, c.want)
		}
	}
}

// taught makes the steps of a student of two workers with a teacher of other weights.
func taught(t *testing.T, learns model.Distil) *Stepper {
	t.Helper()
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 2, 3, 20
	student, teacher := model.NewParams[float32](c), model.NewParams[float32](c)
	student.Init(1)
	teacher.Init(2)
	l := Learner{Config: c, Params: student, Use: model.Use{Train: true, Distil: learns}, Teacher: (&Teacher{Config: c, Params: teacher}).Apart()}
	s, err := NewStepper(l, plan.Plan{Batch: 8, LR: 1e-3, Eps: 1e-8}, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
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
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 2, 3, 20
	small := c
	small.VocabSize = 40
	l := Learner{Config: c, Params: model.NewParams[float32](c), Use: model.Use{Train: true, Distil: model.Distil{Soft: 1, Temperature: 1}},
		Teacher: (&Teacher{Config: small, Params: model.NewParams[float32](small)}).Apart()}
	s, err := NewStepper(l, plan.Plan{Batch: 8, LR: 1, Eps: 1}, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	const want = "model: token id 42, type 0 lies outside the vocabulary of 40 and 2 types"
	all := sevenSequences(9) // of which the last has the ids from 42 on
	if _, err := s.Gradients(all, []int{6}, 1); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
