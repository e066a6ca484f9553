package problem

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// logitOf is the logit of a probability.
func logitOf(p float64) float32 { return float32(math.Log(p / (1 - p))) }

// threeLabels are four examples of three labels with these probabilities, by rows:
//
//	a 0.9 0.6 0.3 0.2   has 1 1 1 0
//	b 0.4 0.2 0.1 0.3   has 1 0 0 0
//	c 0.7 0.1 0.6 0.2   has 0 0 0 0
func threeLabels() *Outputs {
	o := &Outputs{Kind: MultiLabel, Labels: []string{"a", "b", "c"}, Targets: [][]float64{{1, 1, 0}, {1, 0, 0}, {1, 0, 0}, {0, 0, 0}}}
	for _, row := range [][]float64{{0.9, 0.4, 0.7}, {0.6, 0.2, 0.1}, {0.3, 0.1, 0.6}, {0.2, 0.3, 0.2}} {
		o.Logits = append(o.Logits, []float32{logitOf(row[0]), logitOf(row[1]), logitOf(row[2])})
	}
	return o
}

// At 1/2 a is said of 1 2, b of none, c of 1 3: 2 hits of 4 that are said and 4 that are.
// Tuned, a is said from (0.3 + 0.2)/2 and b from (0.4 + 0.3)/2 on, and both are right; c,
// which no example has, keeps 1/2.
func TestTune(t *testing.T) {
	o := threeLabels()
	check := func(want map[string]float64) {
		t.Helper()
		for name, value := range want {
			if got, _, err := o.Score(name); err != nil || math.Abs(got-value) > 1e-9 {
				t.Errorf("at %v %s is %v (%v), want %v", o.Thresholds, name, got, err, value)
			}
		}
	}
	check(map[string]float64{"micro_f1": 2 * 2. / 8, "macro_f1": 0.8 / 3, "f1@a": 0.8, "f1@b": 0, "map": 1, "accuracy": 0.5,
		"sample_f1": (2*1./4 + 1 + 0 + 1) / 4})
	o.Tune()
	for k, want := range []float64{0.25, 0.35, 0.5} {
		if math.Abs(o.Thresholds[k]-want) > 1e-6 {
			t.Errorf("the threshold of %s is %v, want %v", o.Labels[k], o.Thresholds[k], want)
		}
	}
	check(map[string]float64{"micro_f1": 2 * 4. / (6 + 4), "macro_f1": 2. / 3, "f1@a": 1, "f1@b": 1, "map": 1, "accuracy": 0.5})
	if _, also, _ := o.Score("micro_f1"); len(also) != 2 || also["macro_f1"] == 0 || also["sample_f1"] == 0 {
		t.Errorf("beside micro_f1 there is %v", also)
	}
	for _, name := range []string{"f1@z", "f1", "pearson"} {
		if _, _, err := o.Score(name); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Of thresholds that are as good the one nearest to 1/2 is taken, and 1/2 itself where it
// parts what is to be parted; what is tied cannot be parted.
func TestBestThreshold(t *testing.T) {
	for _, row := range []struct {
		p    []float64
		gold []bool
		want float64
	}{
		{[]float64{0.9, 0.2}, []bool{true, false}, 0.5},
		{[]float64{0.9, 0.8, 0.1}, []bool{true, false, false}, 0.85},
		{[]float64{0.4, 0.4, 0.1}, []bool{true, false, false}, 0.25},
		{[]float64{0.2, 0.1}, []bool{false, true}, 0.05}, // both are said: 2/3
		{[]float64{0.95, 0.9, 0.4, 0.1}, []bool{true, false, false, true}, 0.925},
		{[]float64{0.9, 0.8, 0.7, 0.6}, []bool{true, false, false, true}, 0.5},  // as good as 0.85
		{[]float64{0.4, 0.3, 0.2, 0.1}, []bool{true, false, false, true}, 0.35}, // as good as 0.05
		{[]float64{0.3, 0.2}, []bool{false, false}, 0.5},
		{[]float64{0.5, 0.4}, []bool{true, false}, 0.5},
		{nil, nil, 0.5},
	} {
		if got := bestThreshold(row.p, row.gold); math.Abs(got-row.want) > 1e-12 {
			t.Errorf("of %v, had %v: %v, want %v", row.p, row.gold, got, row.want)
		}
	}
	if o := (&Outputs{Kind: Classification, Logits: [][]float32{{1, 2}}, Gold: []int{0}}); true {
		if o.Tune(); o.Thresholds != nil {
			t.Errorf("a label of several has thresholds %v", o.Thresholds)
		}
	}
}

// Thresholds decide what is said, and of two models what they agree on.
func TestThresholdsDecide(t *testing.T) {
	o := threeLabels()
	p := MultiLabel.Decide(o.Labels, []float64{0.95, 0.4, 0.5}, []float32{logitOf(0.9), 0, logitOf(0.7)})
	if !slices.Equal(p.Labels, []string{"b", "c"}) || p.Label != "a" || p.String() != "b, c" {
		t.Errorf("%+v says %s", p, p)
	}
	low := threeLabels()
	low.Thresholds = []float64{0.25, 0.5, 0.5} // a is said of the third, too
	if share, ok := o.Agreement(low); share != 0.75 || !ok {
		t.Errorf("they agree on %v", share)
	}
	if o.Verdict(1) != Right || o.Verdict(2) != Wrong || low.Verdict(3) != Right || o.Truth(o.Labels, 0) != "a, b" || o.Truth(o.Labels, 3) != "" {
		t.Error("verdicts are not those of all labels together")
	}
}

// Each label is summed up by itself, at its threshold.
func TestSummaryOfEachLabel(t *testing.T) {
	o := threeLabels()
	o.Thresholds = []float64{0.25, 0.5, 0.65}
	confusion, classes := o.Confusion(3)
	if confusion != nil || len(classes) != 3 {
		t.Fatalf("confusion %v, classes %v", confusion, classes)
	}
	got := ""
	for _, c := range classes {
		got += fmt.Sprintf("%v %v %v, ", c.Binary, c.Threshold, c.AveragePrecision)
	}
	if want := "{1 0 0 3} 0.25 1, {3 0 1 0} 0.5 1, {3 1 0 0} 0.65 0, "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// −log 0.9 − log(1 − 0.2) of two labels, and the same of half the truth; several scores
// have the mean of their squares. No logit is too large.
func TestLossOfSeveral(t *testing.T) {
	o := Outputs{Kind: MultiLabel, Logits: [][]float32{{logitOf(0.9), logitOf(0.2)}}, Targets: [][]float64{{1, 0}}}
	if got, want := o.Loss(), -(math.Log(0.9)+math.Log(0.8))/2; math.Abs(got-want) > 1e-6 {
		t.Errorf("loss %v, want %v", got, want)
	}
	for _, x := range []float64{-1000, 1000} {
		if got := BinaryCrossEntropy(x, 0.25); math.Abs(got-1000*map[bool]float64{true: 0.75, false: 0.25}[x > 0]) > 1e-9 {
			t.Errorf("loss of %v is %v", x, got)
		}
	}
	scores := Outputs{Kind: Regression, Logits: [][]float32{{1, 2}, {0, 0}}, Targets: [][]float64{{0, 2}, {0, -3}}}
	if got := scores.Loss(); got != (1+0+0+9)/4.0 {
		t.Errorf("loss of scores %v, want 2.5", got)
	}
}

// Several scores are scored by the mean of their correlations: 1 and −1 by rank, and
// 27/√(5·174) and −1.
func TestCorrelationOfSeveralScores(t *testing.T) {
	o := Outputs{Kind: Regression, Logits: [][]float32{{1, 0}, {2, 1}, {3, 2}, {4, 3}}, Targets: [][]float64{{1, 6}, {3, 4}, {6, 2}, {18, 0}}}
	value, also, err := o.Score("spearman")
	if err != nil || math.Abs(value) > 1e-12 || math.Abs(also["pearson"]-(27/math.Sqrt(5*174)-1)/2) > 1e-12 {
		t.Errorf("%v, %v (%v)", value, also, err)
	}
	if o.Truth(nil, 3) != "18.00, 0.00" || Regression.Decide([]string{"x", "y"}, nil, o.Logits[3]).String() != "4.00, 3.00" {
		t.Errorf("%s is said where %s is true", Regression.Decide([]string{"x", "y"}, nil, o.Logits[3]), o.Truth(nil, 3))
	}
}

// The label that a metric is of, where it is of one.
func TestPositive(t *testing.T) {
	labels := []string{"no", "yes"}
	for _, row := range []struct {
		kind Kind
		name string
		want string
	}{
		{Classification, "f1", "yes"}, {Classification, "f1@no", "no"}, {Classification, "macro_f1", ""}, {MultiLabel, "f1@yes", "yes"}, {MultiLabel, "f1", ""},
	} {
		if got, ok := row.kind.Positive(row.name, labels); got != row.want || ok != (row.want != "") {
			t.Errorf("%s of %s is of %q, %v", row.name, row.kind, got, ok)
		}
	}
	if _, ok := Classification.Positive("f1", []string{"a", "b", "c"}); ok {
		t.Error("F1 of three labels is of one")
	}
	o := Outputs{Kind: Classification, Labels: labels, Logits: [][]float32{{2, 1}, {1, 2}, {2, 1}}, Gold: []int{0, 0, 1}}
	if value, also, err := o.Score("f1@no"); err != nil || value != 0.5 || math.Abs(also["accuracy"]-1./3) > 1e-12 {
		t.Errorf("F1 of no is %v, beside %v (%v)", value, also, err)
	}
}
