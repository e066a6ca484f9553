package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/retention"
)

// searching is a stepper of the search that has computed the gradients of a step over
// seven sequences, of which so many pass the networks together.
func searching(t *testing.T, lambda float64, workers, batch int, clip float64) *Stepper {
	t.Helper()
	const length = 9
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 3, 3, 20
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	l := Learner{Config: c, Params: model.NewParams[float32](c), Soft: model.NewSoftExtract[float32](c.NumHiddenLayers, length),
		Use: model.Use{Train: true, Elimination: retention.Elimination{Soft: true, Length: length, Lambda: lambda}}}
	l.Params.Init(1)
	s, err := NewStepper(l, plan.Plan{Batch: batch, LR: 1e-3, LRr: 0.7, Eps: 1e-8, Clip: clip}, workers, 0)
	if err != nil {
		t.Fatal(err)
	}
	examples := sevenSequences(length)
	if _, err := s.Gradients(examples, predict.Between(0, len(examples)), 1); err != nil {
		t.Fatal(err)
	}
	return s
}

// The regulariser adds λ·j to the slope of every rank of encoder j, once per step,
// however many workers and batches share the step.
func TestRegulariserEntersOnce(t *testing.T) {
	const lambda = 0.25
	for _, workers := range []int{1, 3} {
		for _, batch := range []int{7, 2} {
			with, without := searching(t, lambda, workers, batch, 0), searching(t, 0, workers, batch, 0)
			var got, want []float64
			for i, g := range with.Grad.R {
				got, want = append(got, float64(g-without.Grad.R[i])), append(want, lambda*float64(1+i/with.learner.Soft.Length))
			}
			gradcheck.Close(t, fmt.Sprintf("slope of r, %d workers, batches of %d", workers, batch), got, want, 1e-6)
		}
	}
}

// Clipping shrinks the gradient of Θ to the norm that is asked for, and neither counts
// nor shrinks that of r.
func TestClippingSparesR(t *testing.T) {
	const clip = 1e-3
	s := searching(t, 1, 2, 7, clip)
	norm := func() float64 {
		sum := 0.0
		for _, g := range s.Grad.Theta {
			sum += float64(g) * float64(g)
		}
		return math.Sqrt(sum)
	}
	before, r := norm(), slices.Clone(s.Grad.R)
	if before < 2*clip {
		t.Fatalf("the gradient has norm %v, too small to be clipped to %v", before, clip)
	}
	if err := s.Update(1); err != nil {
		t.Fatal(err)
	}
	gradcheck.Close(t, "norm", []float64{s.opt.GradNorm()}, []float64{before}, 1e-6)
	gradcheck.Close(t, "norm after clipping, in those asked for", []float64{norm() / clip}, []float64{1}, 2e-3) // the 1e-6 of clip/(norm + 1e-6)
	if !slices.Equal(s.Grad.R, r) {
		t.Errorf("the gradient of r was %v and is %v", r, s.Grad.R)
	}
}

// r stays in [0, 1] after every step: what the loss pulls above ends at 1, what λ pulls
// below, in two steps of 0.7, at 0.
func TestUpdatesKeepRInBounds(t *testing.T) {
	for _, lambda := range []float64{0, 10} {
		s := searching(t, lambda, 1, 7, 0)
		for range 2 {
			if err := s.Update(1); err != nil {
				t.Fatal(err)
			}
		}
		r := s.learner.Soft.R
		if least, most := slices.Min(r), slices.Max(r); least != 0 || (lambda == 0) != (most == 1) || most > 1 {
			t.Errorf("λ %g: r lies from %v to %v", lambda, least, most)
		}
	}
}

// weighing is the gradient of a step over seven sequences whose labels count unlike one
// another, of which so many pass the networks together, and its loss.
func weighing(t *testing.T, workers, batch int, weights []float64, smoothing float64) (grad []float64, loss float64) {
	t.Helper()
	const length = 9
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 2, 3, 20
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	l := Learner{Config: c, Params: model.NewParams[float32](c), Use: model.Use{Train: true}}
	l.Use.Labels.Weights, l.Use.Labels.Smoothing = weights, smoothing
	l.Params.Init(1)
	s, err := NewStepper(l, plan.Plan{Batch: batch, LR: 1e-3, Eps: 1e-8}, workers, 0)
	if err != nil {
		t.Fatal(err)
	}
	examples := sevenSequences(length)
	for i := range examples {
		examples[i].Label = []int{0, 1, 1, 0, 0, 0, 0}[i]
	}
	if loss, err = s.Gradients(examples, predict.Between(0, len(examples)), 1); err != nil {
		t.Fatal(err)
	}
	for _, g := range s.Grad.Theta {
		grad = append(grad, float64(g))
	}
	return grad, loss
}

// A step's mean is over the weights of all its labels, however it is dealt out; and equal
// weights, of any size, are none.
func TestMeanOverWeightsOfAStep(t *testing.T) {
	want, loss := weighing(t, 1, 7, []float64{0.5, 3}, 0.2)
	for _, workers := range []int{1, 3} {
		for _, batch := range []int{7, 2} {
			got, l := weighing(t, workers, batch, []float64{0.5, 3}, 0.2)
			gradcheck.Close(t, fmt.Sprintf("gradient, %d workers, batches of %d", workers, batch), got, want, 1e-6)
			gradcheck.Close(t, "loss", []float64{l}, []float64{loss}, 1e-6)
		}
	}
	plain, loss := weighing(t, 2, 2, nil, 0)
	got, l := weighing(t, 2, 2, []float64{4, 4}, 0)
	gradcheck.Close(t, "gradient of equal weights", got, plain, 1e-6)
	gradcheck.Close(t, "loss of equal weights", []float64{l}, []float64{loss}, 1e-6)
	if rare, _ := weighing(t, 2, 2, []float64{1, 4}, 0); slices.Equal(rare, plain) {
		t.Error("weights make no difference")
	}
}

// Every worker of every batch of every step draws dropout of its own.
func TestDropoutOfABatch(t *testing.T) {
	s, drawn := searching(t, 0, 2, 7, 0), map[uint64]string{}
	for seed := range uint64(2) {
		for micro := range 2 {
			for _, first := range []int{0, 2} { // of two ranks
				if err := s.fill(sevenSequences(9), [][]int{{0}, {1}}, first, micro, means{1, 1}, seed); err != nil {
					t.Fatal(err)
				}
				for w, n := range s.nets {
					at := fmt.Sprintf("worker %d in batch %d of the step of seed %d", first+w, micro, seed)
					if other := drawn[n.Batch.Seed]; other != "" {
						t.Errorf("%s draws as %s", at, other)
					}
					drawn[n.Batch.Seed] = at
				}
			}
		}
	}
}

// Which tokens are to be guessed the step's seed decides, and nothing else.
func TestMasksOfAStep(t *testing.T) {
	s := Stepper{learner: Learner{Masking: &data.Masking{Share: 0.3, Mask: 4, Special: make([]bool, 50)}}}
	masked := func(seed uint64) []int32 {
		var b model.Batch
		s.Fill(&b, sevenSequences(9), predict.Between(0, 7), seed)
		return b.Masked
	}
	if one, again, other := masked(1), masked(1), masked(2); len(one) == 0 || !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("seed 1 masks %v and %v, seed 2 %v", one, again, other)
	}
}
