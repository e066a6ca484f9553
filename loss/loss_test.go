package loss

import (
	"fmt"
	"math"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/problem"
)

// batch has sequences of these lengths.
func batch(lengths ...int) *ops.Batch {
	b := &ops.Batch{Weight: 1 / float64(len(lengths))}
	for _, n := range lengths {
		b.AddSequence(make([]int32, n), make([]int32, n), 0, 0)
	}
	return b
}

// What a problem loses is the golden loss of its kind, from the truth and from a
// teacher.
func TestLossOfAKind(t *testing.T) {
	for name, row := range map[string]struct {
		kind    problem.Kind
		golden  string
		options int
	}{
		"classification":  {problem.Classification, "cross_entropy", 1},
		"no kind":         {"", "cross_entropy", 1},
		"masked tokens":   {problem.MaskedTokens, "cross_entropy", 1},
		"regression":      {problem.Regression, "squared_error", 1},
		"multiple choice": {problem.MultipleChoice, "choice", 4},
		"labels":          {problem.MultiLabel, "binary", 1},
		"several scores":  {problem.Regression, "several_scores", 1},
	} {
		t.Run(name, func(t *testing.T) {
			p, c := Problem{Kind: row.kind, Options: row.options}, golden(t, row.golden)
			gradcheck.MatchOp[float64](t, c, []string{"x"}, func(in []*ops.Node) (*ops.Node, error) {
				return Task[float64](p, truth(t, c, row.options), in[0])
			})
		})
	}
	t.Run("a teacher of classes", func(t *testing.T) {
		c := golden(t, "soft_targets_warm")
		gradcheck.MatchOp[float64](t, c, []string{"x"}, func(in []*ops.Node) (*ops.Node, error) {
			return Taught[float64](Problem{Options: 1}, teacher(t, c), in[0], c.Floats(t, "temperature")[0])
		})
	})
	t.Run("a teacher of scores", func(t *testing.T) {
		c := golden(t, "squared_error")
		gradcheck.MatchOp[float64](t, c, []string{"x"}, func(in []*ops.Node) (*ops.Node, error) {
			b := &ops.Batch{Targets: []float64{9}, Teacher: c.Floats(t, "scores"), Weight: 1.0 / 5}
			return Taught[float64](Problem{Kind: problem.Regression, Options: 1}, b, in[0], 3)
		})
	})
}

// truth is a batch of the labels or scores of a golden loss, with a mean over them. Of
// an example's options only the label of the first counts.
func truth(t *testing.T, c gradcheck.Case, options int) *ops.Batch {
	if c.Has("targets") {
		return &ops.Batch{Targets: c.Floats(t, "targets"), Teacher: []float64{9}, Weight: 1 / float64(c.Tensor(t, "targets").Shape[0]), LabelWeight: math.NaN()}
	}
	if c.Has("scores") {
		scores := c.Floats(t, "scores")
		return &ops.Batch{Targets: scores, Teacher: []float64{9}, Weight: 1 / float64(len(scores))}
	}
	b := &ops.Batch{}
	for _, label := range c.Ints(t, "labels") {
		b.Labels = append(b.Labels, label)
		for range options - 1 {
			b.Labels = append(b.Labels, -1)
		}
	}
	b.Weight = float64(options) / float64(len(b.Labels))
	return b
}

func TestCheckRefusesWhatTaskCannotRead(t *testing.T) {
	classes := Problem{Kind: problem.Classification, Options: 1, Classes: 3}
	choice := Problem{Kind: problem.MultipleChoice, Options: 2, Classes: 2}
	several := Problem{Kind: problem.MultiLabel, Options: 1, Classes: 2}
	score := Problem{Kind: problem.Regression, Options: 1, Classes: 1}
	masked := Problem{Kind: problem.MaskedTokens, Options: 1, Classes: 50}
	for _, row := range []struct {
		p    Problem
		make func(b *ops.Batch) // of two sequences, labelled 0
		want string             // nothing: it is fine
	}{
		{classes, func(b *ops.Batch) { b.Labels[1] = 2 }, ""},
		{classes, func(b *ops.Batch) { b.Labels[1] = 3 }, "loss: label 1 of the batch is 3, want 0 to 2"},
		{classes, func(b *ops.Batch) { b.Labels[0] = -1 }, "loss: label 0 of the batch is -1, want 0 to 2"},
		{classes, func(b *ops.Batch) { b.Labels = b.Labels[:1] }, "loss: the batch has 1 labels of 2 sequences, want one each"},
		{choice, func(b *ops.Batch) {}, ""},
		{choice, func(b *ops.Batch) { b.AddSequence([]int32{1}, []int32{0}, 0, 0) }, "loss: the batch has 3 sequences, want 2 for each example, one per option"},
		{score, func(b *ops.Batch) { b.Targets = []float64{1, 2} }, ""},
		{several, func(b *ops.Batch) { b.Targets = []float64{1, 0, 0, 0.5} }, ""},
		{several, func(b *ops.Batch) { b.Targets = []float64{1, 0} }, "loss: the batch has 2 targets of 2 sequences, want 2 each"},
		{several, func(b *ops.Batch) { b.Targets = []float64{1, 0, -1, 1} }, "loss: target 2 of the batch is -1, want 0 to 1"},
		{several, func(b *ops.Batch) { b.Targets = []float64{1, 0, 1, 1.5} }, "loss: target 3 of the batch is 1.5, want 0 to 1"},
		{score, func(b *ops.Batch) { b.Targets = []float64{1} }, "loss: the batch has 1 targets of 2 sequences, want 1 each"},
		{masked, func(b *ops.Batch) { b.Masked, b.Labels = []int32{1}, []int{49} }, ""},
		{masked, func(b *ops.Batch) { b.Masked = []int32{1} }, "loss: the batch has 2 labels of 1 masked word-vectors, want one each"},
		{masked, func(b *ops.Batch) { b.Masked, b.Labels = []int32{1}, []int{50} }, "loss: label 0 of the batch is 50, want 0 to 49"},
	} {
		b := batch(3, 2)
		row.make(b)
		got := ""
		if err := row.p.Check(b); err != nil {
			got = err.Error()
		}
		if got != row.want {
			t.Errorf("%s: got %q, want %q", row.p.Kind, got, row.want)
		}
	}
}

// A loss of nodes that hold another type than its own is an error, not a panic.
func TestLossOfAnotherType(t *testing.T) {
	x := ops.Input(ops.NewGraph(), "x", make([]float32, 6), 2, 3)
	if _, err := CrossEntropy[float64](batch(1, 1), 1, x); fmt.Sprint(err) != "crossentropy: input 0 is of float32, want float64" {
		t.Errorf("got error %v", err)
	}
}
