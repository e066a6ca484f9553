package problem

import (
	"math"
	"testing"
)

func outputs(kind Kind, logits ...[]float32) *Outputs { return &Outputs{Kind: kind, Logits: logits} }

// logit2 is logits of two labels whose second has the probability p.
func logit2(p float64) []float32 { return []float32{1, 1 + float32(math.Log(p/(1-p)))} }

func close6(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

// KL(0.2 ‖ 0.6) = 0.8·ln(0.8/0.4) + 0.2·ln(0.2/0.6), and 0 of the second example.
func TestDifferencesOfLabels(t *testing.T) {
	for _, kind := range []Kind{Classification, MultipleChoice} {
		a, b := outputs(kind, logit2(0.2), logit2(0.9)), outputs(kind, logit2(0.6), logit2(0.9))
		if got, want := a.Divergence(b), (0.8*math.Log(2)+0.2*math.Log(1.0/3))/2; !close6(got, want) {
			t.Errorf("%s: divergence %v, want %v", kind, got, want)
		}
		if got, want := b.Divergence(a), (0.4*math.Log(0.5)+0.6*math.Log(3))/2; !close6(got, want) {
			t.Errorf("%s: divergence the other way %v, want %v", kind, got, want)
		}
		if got := a.Divergence(a); got != 0 {
			t.Errorf("%s: divergence from itself %v", kind, got)
		}
		if share, ok := a.Agreement(b); share != 0.5 || !ok {
			t.Errorf("%s: agreement %v, %v, want a half", kind, share, ok)
		}
		if mean, most := a.Moves(b); !close6(mean, 0.2) || !close6(most, 0.4) {
			t.Errorf("%s: moves by %v, at most %v, want 0.2 and 0.4", kind, mean, most)
		}
	}
}

// Scores 1 and 3 have the variance 1.
func TestDifferencesOfScores(t *testing.T) {
	a, b := outputs(Regression, []float32{1}, []float32{3}), outputs(Regression, []float32{1.5}, []float32{2})
	if got, want := a.Divergence(b), (0.25+1)/4; !close6(got, want) {
		t.Errorf("divergence %v, want %v", got, want)
	}
	if mean, most := a.Moves(b); mean != 0.75 || most != 1 {
		t.Errorf("moves by %v, at most %v, want 0.75 and 1", mean, most)
	}
	if _, ok := a.Agreement(b); ok {
		t.Error("scores agree as labels")
	}
	same := outputs(Regression, []float32{3}, []float32{3})
	if got := same.Divergence(b); !close6(got, (2.25+1)/4) {
		t.Errorf("divergence of scores without spread %v, want %v", got, (2.25+1)/4)
	}
}

// Of labels by themselves divergences add up: KL(0.2 ‖ 0.6), as above, beside 0, over two
// examples. Of the first example the second label is gone.
func TestDifferencesOfLabelsByThemselves(t *testing.T) {
	one := func(p float64) float32 { return float32(math.Log(p / (1 - p))) }
	a := outputs(MultiLabel, []float32{one(0.7), one(0.6)}, []float32{one(0.2), one(0.3)})
	b := outputs(MultiLabel, []float32{one(0.7), one(0.2)}, []float32{one(0.2), one(0.3)})
	if got, want := b.Divergence(a), (0.8*math.Log(2)+0.2*math.Log(1.0/3))/2; !close6(got, want) {
		t.Errorf("divergence %v, want %v", got, want)
	}
	if share, ok := a.Agreement(b); share != 0.5 || !ok {
		t.Errorf("agreement %v, %v, want a half", share, ok)
	}
	if mean, most := a.Moves(b); !close6(mean, 0.2) || !close6(most, 0.4) {
		t.Errorf("moves by %v, at most %v, want 0.2 and 0.4", mean, most)
	}
	single := outputs(MultiLabel, []float32{one(0.2)})
	if got := single.Divergence(outputs(MultiLabel, []float32{one(0.6)})); !close6(got, 0.8*math.Log(2)+0.2*math.Log(1.0/3)) {
		t.Errorf("divergence of one label %v", got)
	}
}

// Of several scores divergences add up, each in units of its own spread: of variance 1 and
// of 4.
func TestDifferencesOfSeveralScores(t *testing.T) {
	a, b := outputs(Regression, []float32{1, 0}, []float32{3, 4}), outputs(Regression, []float32{1.5, 0}, []float32{2, 2})
	if got, want := a.Divergence(b), (0.25+1)/4+4.0/2/(2*4); !close6(got, want) {
		t.Errorf("divergence %v, want %v", got, want)
	}
	if mean, most := a.Moves(b); mean != 1.25 || most != 2 {
		t.Errorf("moves by %v, at most %v, want 1.25 and 2", mean, most)
	}
}
