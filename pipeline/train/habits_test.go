package train

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
)

// patientPlan is five epochs of four steps of which none is better than the first.
func patientPlan(patience int) plan.Plan {
	p := eightSteps(1e-30)
	p.Epochs, p.Schedule.Total, p.Patience = 5, 20, patience
	return p
}

// Two evaluations that are no better than the first end the stage; the last steps get a
// line, too. Without patience it runs all epochs.
func TestPatienceEndsTheStage(t *testing.T) {
	for patience, last := range map[int]int{0: 20, 1: 8, 2: 12, 4: 20} {
		w, r := begun(t, patientPlan(patience), false), &recorder{}
		w.LogEvery = 5
		if err := Run(t.Context(), w, r, r); err != nil {
			t.Fatal(err)
		}
		if w.State.Step != last || w.State.BestEpoch != 1 || !slices.Equal(r.kept, []int{4}) || r.saved[len(r.saved)-1] != last {
			t.Errorf("patience %d: ends at step %d with epoch %d, kept at %v, saved at %v; want step %d and the first epoch", patience, w.State.Step, w.State.BestEpoch, r.kept, r.saved, last)
		}
		if end := r.lines[len(r.lines)-1]; end.Step != last {
			t.Errorf("patience %d: the last line is of step %d, want %d", patience, end.Step, last)
		}
		if n := len(r.lines); n != (last+4)/5 {
			t.Errorf("patience %d: %d lines of %d steps, want one every 5 and one of the rest", patience, n, last)
		}
	}
}

// A better evaluation begins the count anew.
func TestPatienceCountsFromTheBest(t *testing.T) {
	w, r := begun(t, patientPlan(2), false), &recorder{}
	r.onEvaluation = func() error {
		if len(r.evaluations) == 3 {
			w.State.Best = -1 // the third is better
		}
		return nil
	}
	if err := Run(t.Context(), w, r, r); err != nil {
		t.Fatal(err)
	}
	if w.State.Step != 20 || w.State.BestEpoch != 3 {
		t.Errorf("ends at step %d with epoch %d, want 20 with the third", w.State.Step, w.State.BestEpoch)
	}
}

// What goes on from any checkpoint of a stage that ends early ends at the same step, also
// from the one of its end.
func TestPatienceIsResumed(t *testing.T) {
	first := &recorder{}
	w := begun(t, patientPlan(2), false)
	w.SaveIn, w.LogEvery = 3, 5
	if err := Run(t.Context(), w, first, first); err != nil {
		t.Fatal(err)
	}
	for i, state := range first.states {
		w, r := begun(t, patientPlan(2), false), &recorder{}
		w.SaveIn, w.LogEvery = 3, 5
		if err := w.Restore(state, first.tensors[i]); err != nil {
			t.Fatal(err)
		}
		if err := Run(t.Context(), w, r, r); err != nil {
			t.Fatal(err)
		}
		if w.State.Step != 12 || w.State.Worse != 2 {
			t.Errorf("from step %d it ends at %d, want 12", state.Step, w.State.Step)
		}
		for _, line := range r.lines {
			if line.GradNorm == 0 {
				t.Errorf("from step %d a line is %+v, of steps that were not made", state.Step, line)
			}
		}
	}
}

// stepped is a stepper after the gradients of one step, of a model of three encoders.
func stepped(t *testing.T, family string, p plan.Plan, frozen int) *Stepper {
	t.Helper()
	c := arch.FamilyOf(family).Defaults()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 3, 3, 20
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	l := Learner{Config: c, Params: model.NewParams[float32](c), Use: model.Use{Train: true, Frozen: frozen}}
	l.Params.Init(1)
	p.Batch, p.Eps, p.Frozen = 7, 1e-30, frozen
	s, err := NewStepper(l, p, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	examples := sevenSequences(9)
	if _, err := s.Gradients(examples, predict.Between(0, len(examples)), 1); err != nil {
		t.Fatal(err)
	}
	return s
}

// Adam's first step moves every weight that has a gradient by the learning rate of its
// tensor: that of the head, and a part of it from each encoder down. An encoder that all
// share is the last.
func TestLayerDecayByDepth(t *testing.T) {
	const lr, decay = 1e-3, 0.5
	for family, depths := range map[string]map[string]float64{
		arch.BERT: {"bert.embeddings.word_embeddings.weight": lr / 16, "bert.encoder.layer.0.output.dense.weight": lr / 8, "bert.encoder.layer.1.attention.self.query.bias": lr / 4,
			"bert.encoder.layer.2.output.LayerNorm.weight": lr / 2, "bert.pooler.dense.weight": lr, "classifier.bias": lr},
		arch.ALBERT: {"albert.embeddings.word_embeddings.weight": lr / 16, "albert.encoder.embedding_hidden_mapping_in.weight": lr / 16,
			"albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.weight": lr / 2, "albert.pooler.weight": lr, "classifier.weight": lr},
	} {
		s := stepped(t, family, plan.Plan{LR: lr, LayerDecay: decay}, 0)
		before := slices.Clone(s.learner.Params.Arena())
		if err := s.Update(1); err != nil {
			t.Fatal(err)
		}
		for name, want := range depths {
			tensor, ok := s.learner.Params.Lookup(name)
			if !ok {
				t.Fatalf("%s has no tensor %s", family, name)
			}
			most := 0.0
			for i := tensor.Offset; i < tensor.Offset+tensor.Size; i++ {
				most = max(most, math.Abs(float64(s.learner.Params.Arena()[i]-before[i])))
			}
			if math.Abs(most-want) > 1e-3*want {
				t.Errorf("%s: %s moves by %v, want %v", family, name, most, want)
			}
		}
	}
}

// What is frozen has no gradient and no moments, and stays as it is, weight decay or not;
// the gradient of what learns is the same as without.
func TestFrozenLayersStay(t *testing.T) {
	for _, family := range []string{arch.BERT, arch.ALBERT, arch.MPNet} {
		for _, frozen := range []int{1, 2, 3} {
			whole, s := stepped(t, family, plan.Plan{LR: 1e-3}, 0), stepped(t, family, plan.Plan{LR: 1e-3, WeightDecay: 0.1}, frozen)
			before := slices.Clone(s.learner.Params.Arena())
			gradient := slices.Clone(s.Grad.Theta)
			if err := s.Update(1); err != nil {
				t.Fatal(err)
			}
			learning := 0
			for _, tensor := range s.learner.Params.Tensors() {
				from, to := tensor.Offset, tensor.Offset+tensor.Size
				want, stays := whole.Grad.Theta[from:to], tensor.Depth <= frozen
				if stays {
					want = make([]float32, tensor.Size)
				} else {
					learning++
				}
				if !slices.Equal(gradient[from:to], want) {
					t.Errorf("%s, %d frozen: %s has another gradient", family, frozen, tensor.Name)
				}
				if moved := !slices.Equal(s.learner.Params.Arena()[from:to], before[from:to]); moved == stays {
					t.Errorf("%s, %d frozen: %s moved %v", family, frozen, tensor.Name, moved)
				}
			}
			if moments := len(s.opt.State().Moments); moments != learning {
				t.Errorf("%s, %d frozen: moments of %d tensors, want the %d that learn", family, frozen, moments, learning)
			}
			if name := fmt.Sprint(family, frozen); learning < 4 {
				t.Errorf("%s: only %d tensors learn", name, learning)
			}
		}
	}
}

// Weights decay, but for biases and those of LayerNorm.
func TestDecayOfGroups(t *testing.T) {
	const decay = 0.01
	s, n := stepped(t, arch.BERT, plan.Plan{LR: 1, WeightDecay: decay}, 0), 0
	for _, group := range s.groups(s.plan) {
		for _, p := range group.Params {
			want := decay
			if strings.Contains(p.Name, "LayerNorm") || strings.HasSuffix(p.Name, ".bias") {
				want = 0
			}
			if n++; group.WeightDecay != want {
				t.Errorf("%s decays by %g, want %g", p.Name, group.WeightDecay, want)
			}
		}
	}
	if tensors := len(s.learner.Params.Tensors()); n != tensors {
		t.Errorf("the groups have %d of %d tensors", n, tensors)
	}
}
