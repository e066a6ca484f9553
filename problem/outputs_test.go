package problem

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// What a kind says of itself.
func TestKinds(t *testing.T) {
	labels := []string{"a", "b"}
	for kind, want := range map[Kind]string{
		Classification: "example 2 accuracy", MultipleChoice: "option 2 accuracy", Regression: "example 0 pearson",
		MultiLabel: "example 2 pearson",
	} {
		if got := fmt.Sprint(kind.Sequence(), " ", kind.Classes(labels), " ", kind.ComparedBy("pearson")); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
}

// A metric of labels tells nothing of scores, nor one of scores of labels, and F1 nothing
// of three.
func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		metrics string
		classes int
		refused string // the words of each that is, in order
	}{
		{Classification, "accuracy f1 macro_f1 matthews spearman pearson f1@a f1@z micro_f1 map", 2, "labels labels are labels labels"},
		{Classification, "accuracy f1 macro_f1 matthews", 3, "second"},
		{MultipleChoice, "accuracy f1 pearson", 4, "second labels"},
		{MultiLabel, "accuracy micro_f1 macro_f1 sample_f1 map f1@b f1 matthews f1@z pearson", 2, "themselves themselves are themselves"},
		{Regression, "spearman pearson accuracy f1 macro_f1 matthews f1@a", 1, "scores scores scores scores scores"},
	} {
		var refused []string
		for _, name := range strings.Fields(c.metrics) {
			switch why := c.kind.Refuses(name, []string{"a", "b", "c", "d"}[:c.classes]); {
			case strings.Contains(why, "one label of several"):
				refused = append(refused, "labels")
			case strings.Contains(why, "second of two labels, but there are "+fmt.Sprint(c.classes)):
				refused = append(refused, "second")
			case strings.Contains(why, "each by itself"):
				refused = append(refused, "themselves")
			case strings.Contains(why, "but the labels are"):
				refused = append(refused, "are")
			case strings.Contains(why, "has scores"):
				refused = append(refused, "scores")
			case why != "":
				t.Errorf("%s by %s: %s", c.kind, name, why)
			}
		}
		if got := strings.Join(refused, " "); got != c.refused {
			t.Errorf("%s of %d labels refuses of %s: %s, want %s", c.kind, c.classes, c.metrics, got, c.refused)
		}
	}
}

// Labels are right or wrong, scores neither; both stand beside the truth in words.
func TestVerdicts(t *testing.T) {
	labels := []string{"no", "yes"}
	said := Outputs{Kind: Classification, Logits: [][]float32{{2, 1}, {-1, 3}}, Gold: []int{0, 0}}
	for i, want := range []struct {
		verdict          Verdict
		truth, predicted string
	}{{Right, "no", "no"}, {Wrong, "no", "yes"}} {
		p := said.Kind.Decide(labels, nil, said.Logits[i])
		if said.Verdict(i) != want.verdict || said.Truth(labels, i) != want.truth || p.String() != want.predicted || p.Probability() != p.Probabilities[p.Class] {
			t.Errorf("example %d: verdict %v of %s where %s is true, want %+v", i, said.Verdict(i), p, said.Truth(labels, i), want)
		}
	}
	scores := Outputs{Kind: Regression, Logits: [][]float32{{2.5}}, Targets: [][]float64{{2.504}}}
	p := Regression.Decide([]string{"score"}, nil, scores.Logits[0])
	if scores.Verdict(0) != Unjudged || scores.Truth([]string{"score"}, 0) != "2.50" || p.String() != "2.50" || p.Probability() != 0 {
		t.Errorf("a score: verdict %v of %s where %s is true", scores.Verdict(0), p, scores.Truth(nil, 0))
	}
}

// What each kind makes of the same logits: softmax, a sigmoid each, or scores. Options
// beyond the names that there are have some. σ(2) = 0.88079708, σ(−1) = 0.26894142, and
// softmax(2, −1, 0) = (0.84379473, 0.04201007, 0.11419520), by hand.
func TestDecide(t *testing.T) {
	labels, logits := []string{"a", "b", "c"}, []float32{2, -1, 0}
	for _, c := range []struct {
		kind   Kind
		labels []string
		want   Prediction
	}{
		{Classification, labels, Prediction{Label: "a", Probabilities: []float64{0.84379473, 0.04201007, 0.11419520}}},
		{MultipleChoice, nil, Prediction{Label: "LABEL_0", Probabilities: []float64{0.84379473, 0.04201007, 0.11419520}}},
		{MultiLabel, labels, Prediction{Label: "a", Labels: []string{"a", "c"}, Probabilities: []float64{0.88079708, 0.26894142, 0.5}}},
		{Regression, labels, Prediction{Label: "a", Score: 2, Scores: []float64{2, -1, 0}}},
	} {
		got := c.kind.Decide(c.labels, nil, logits)
		if got.Label != c.want.Label || got.Class != 0 || got.Score != c.want.Score || !slices.Equal(got.Labels, c.want.Labels) || !slices.Equal(got.Scores, c.want.Scores) ||
			len(got.Probabilities) != len(c.want.Probabilities) || len(got.Names) != 3 {
			t.Errorf("%s: %+v, want %+v", c.kind, got, c.want)
		}
		for i, p := range got.Probabilities {
			if math.Abs(p-c.want.Probabilities[i]) > 1e-8 {
				t.Errorf("%s: probability %d is %v, want %v", c.kind, i, p, c.want.Probabilities[i])
			}
		}
	}
	if got := Regression.Decide([]string{"score"}, nil, []float32{1.5}); got.Scores != nil || got.Score != 1.5 {
		t.Errorf("one score: %+v", got)
	}
	if got := MultiLabel.Decide([]string{"x"}, nil, []float32{-2}); got.Label != "x" || got.Labels != nil || math.Abs(got.Probability()-0.11920292) > 1e-8 {
		t.Errorf("one label: %+v", got)
	}
}
