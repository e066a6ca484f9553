package problem

import (
	"fmt"
	"testing"
)

// What a kind says of itself.
func TestKinds(t *testing.T) {
	labels := []string{"a", "b"}
	for kind, want := range map[Kind]string{
		Classification: "example 2 accuracy", MultipleChoice: "option 2 accuracy", Regression: "example 0 pearson",
	} {
		if got := fmt.Sprint(kind.Sequence(), " ", kind.Classes(labels), " ", kind.ComparedBy("pearson")); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
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
		p := said.Kind.Decide(labels, said.Logits[i])
		if said.Verdict(i) != want.verdict || said.Truth(labels, i) != want.truth || p.String() != want.predicted || p.Probability() != p.Probabilities[p.Class] {
			t.Errorf("example %d: verdict %v of %s where %s is true, want %+v", i, said.Verdict(i), p, said.Truth(labels, i), want)
		}
	}
	scores := Outputs{Kind: Regression, Logits: [][]float32{{2.5}}, Gold: []int{0}, Scores: []float64{2.504}}
	p := Regression.Decide([]string{"score"}, scores.Logits[0])
	if scores.Verdict(0) != Unjudged || scores.Truth([]string{"score"}, 0) != "2.50" || p.String() != "2.50" || p.Probability() != 0 {
		t.Errorf("a score: verdict %v of %s where %s is true", scores.Verdict(0), p, scores.Truth(nil, 0))
	}
}
