package loss

import (
	"fmt"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/problem"
)

// Weights of one, smoothed by nothing, are the plain cross-entropy.
func TestWeightsOfOne(t *testing.T) {
	c := golden(t, "cross_entropy")
	gradcheck.MatchOp[float64](t, c, []string{"x"}, func(in []*ops.Node) (*ops.Node, error) {
		b, l := truth(t, c, 1), Labels{}
		for range in[0].Shape()[1] {
			l.Weights = append(l.Weights, 1)
		}
		b.LabelWeight = 1 / l.Sum(b.Labels)
		return WeightedCrossEntropy[float64](b, l, in[0])
	})
}

func TestSumOfLabels(t *testing.T) {
	if got := (&Labels{Smoothing: 0.1}).Sum([]int{0, 2, 2}); got != 3 {
		t.Errorf("without weights %g, want 3", got)
	}
	if got := (&Labels{Weights: []float64{0.5, 7, 2}}).Sum([]int{0, 2, 2}); got != 4.5 {
		t.Errorf("weights of the labels sum up to %g, want 4.5", got)
	}
}

// Only a classification with one label has a place for weights, one per class.
func TestLabelsThatCannotBeWeighed(t *testing.T) {
	for _, row := range []struct {
		p    Problem
		want string
	}{
		{Problem{Kind: problem.Classification, Options: 1, Classes: 3, Labels: Labels{Weights: []float64{1, 2}}}, "loss: 2 labels have weights, want 3, one per class"},
		{Problem{Kind: problem.Classification, Options: 1, Classes: 3, Labels: Labels{Weights: []float64{1, 2, 1, 1}}}, "loss: 4 labels have weights, want 3, one per class"},
		{Problem{Kind: problem.Regression, Options: 1, Classes: 1, Labels: Labels{Smoothing: 0.1}}, "loss: labels are weighed or smoothed in a regression, want a classification"},
		{Problem{Kind: problem.MaskedTokens, Options: 1, Classes: 9, Labels: Labels{Smoothing: 0.1}}, fmt.Sprintf("loss: labels are weighed or smoothed in a %s, want a classification", problem.MaskedTokens)},
		{Problem{Kind: problem.MultipleChoice, Options: 4, Classes: 4, Labels: Labels{Smoothing: 0.1}}, fmt.Sprintf("loss: labels are weighed or smoothed in a %s, want a classification", problem.MultipleChoice)},
	} {
		x := ops.Input(ops.NewGraph(), "x", make([]float64, 6), 2, 3)
		if _, err := Task[float64](row.p, batch(1, 1), x); fmt.Sprint(err) != row.want {
			t.Errorf("got %v, want %s", err, row.want)
		}
	}
}
