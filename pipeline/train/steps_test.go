package train

import (
	"math"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/retention"
)

// Steps on one batch lower the objective, which starts at ln 2 (random weights, two
// labels) and the regulariser of r = 1, and do not depend on the workers.
func TestStepsLearnABatch(t *testing.T) {
	const length, lambda = 9, 1e-3
	for name, test := range map[string]struct {
		use       model.Use
		objective float64
	}{
		"dense": {model.Use{}, math.Ln2},
		"hard":  {model.Use{Elimination: retention.Elimination{Keep: []int{5, 2}}}, math.Ln2},
		// λ · (1·N + 2·N)
		"soft": {model.Use{Elimination: retention.Elimination{Soft: true, Length: length, Lambda: lambda}}, math.Ln2 + lambda*3*length},
	} {
		one, three := steps(t, test.use, length, 1), steps(t, test.use, length, 3)
		if math.Abs(one[0]-test.objective) > 0.01 {
			t.Errorf("%s: the objective is %v at first, want about %v", name, one[0], test.objective)
		}
		for i := range one {
			if math.Abs(one[i]-three[i]) > 1e-5 {
				t.Errorf("%s, step %d: objective %v with one worker, %v with three", name, i+1, one[i], three[i])
			}
			if i > 0 && one[i] >= one[i-1] {
				t.Errorf("%s: objective %v after %v", name, one[i], one[i-1])
			}
		}
	}
}

// The n-th step, from 0, draws its dropout by the seed n.
func TestStepsAreSeededByTheirNumber(t *testing.T) {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 2, 3, 20
	c.HiddenDropoutProb = 0.5
	l := Learner{Config: c, Params: model.NewParams[float32](c)}
	l.Params.Init(1)
	s, err := NewSteps(l, 1, 0) // which leaves the weights as they are
	if err != nil {
		t.Fatal(err)
	}
	all := sevenSequences(9)
	for n := range uint64(3) {
		got, err := s.Step(all)
		if err != nil {
			t.Fatal(err)
		}
		want, err := s.Gradients(all, predict.Between(0, len(all)), n)
		if err != nil || got != want {
			t.Errorf("step %d: objective %v, want %v of the seed %d (%v)", n, got, want, n, err)
		}
	}
}

// steps are the objectives of some steps over a batch of seven sequences.
func steps(t *testing.T, use model.Use, length, workers int) []float64 {
	t.Helper()
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 2, 3, 20
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	params := model.NewParams[float32](c)
	params.Init(1)
	var soft *model.SoftExtract[float32]
	if use.Soft {
		soft = model.NewSoftExtract[float32](c.NumHiddenLayers, length)
	}
	s, err := NewSteps(Learner{Config: c, Params: params, Soft: soft, Use: use}, workers, 1e-3)
	if err != nil {
		t.Fatal(err)
	}
	batch := sevenSequences(length)
	objectives := make([]float64, 4)
	for i := range objectives {
		if objectives[i], err = s.Step(batch); err != nil {
			t.Fatal(err)
		}
	}
	return objectives
}

// sevenSequences are of length tokens, one fewer, and so on, of a vocabulary of 50.
func sevenSequences(length int) (list []data.Encoded) {
	for i := range 7 {
		e := data.Encoded{IDs: make([]int32, length-i), Types: make([]int32, length-i), Label: i % 2}
		for k := range e.IDs {
			e.IDs[k] = int32(7*i+k) % 50
		}
		list = append(list, e)
	}
	return list
}
