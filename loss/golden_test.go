package loss

import (
	"math"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// golden is the golden operation of a name.
func golden(t *testing.T, name string) gradcheck.Case {
	t.Helper()
	for _, file := range []string{"ops", "head_losses"} {
		if c := gradcheck.Golden(t, file).Sub(name); len(c.Tensors) > 0 {
			return c
		}
	}
	t.Fatalf("there is no golden operation %q", name)
	return gradcheck.Case{}
}

// TestGolden holds every loss of one value and its gradient against PyTorch's float64
// values; TestGoldenPenalty and TestGoldenPatience those of several.
func TestGolden(t *testing.T) {
	t.Run("float32", testGolden[float32])
	t.Run("float64", testGolden[float64])
}

func testGolden[T kernel.Float](t *testing.T) {
	for name, build := range map[string]func(c gradcheck.Case, x *ops.Node) (*ops.Node, error){
		"cross_entropy": func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) { return CrossEntropy[T](truth(t, c, 1), 1, x) },
		"choice":        func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) { return CrossEntropy[T](truth(t, c, 4), 4, x) },
		"squared_error": func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) {
			b := truth(t, c, 1)
			return SquaredError[T](b, &b.Targets, x)
		},
		"weighted":                 weightedOf[T](t),
		"smoothed":                 weightedOf[T](t),
		"weighted_smoothed":        weightedOf[T](t),
		"binary":                   binaryOf[T](t),
		"binary_weighted":          binaryOf[T](t),
		"binary_weighted_smoothed": binaryOf[T](t),
		"binary_soft_targets":      binarySoftTargetsOf[T](t),
		"binary_soft_targets_warm": binarySoftTargetsOf[T](t),
		"several_scores": func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) {
			b := truth(t, c, 1)
			return SquaredError[T](b, &b.Targets, x)
		},
		"soft_targets":      softTargetsOf[T](t),
		"soft_targets_warm": softTargetsOf[T](t),
		"cosine": func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) {
			b, target := &ops.Batch{Weight: 1.0 / 3}, gradcheck.Cast[T](t, c, "target")
			real := c.Ints(t, "real")
			for s, n := range c.Ints(t, "lengths") {
				b.Add(n, real[s], real[s])
			}
			return Cosine(b, x, &b.Layout, &target)
		},
		"patient": func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) {
			return Patience(batch(1, 1, 1, 1), []*ops.Node{x}, [][]T{gradcheck.Cast[T](t, c, "target")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := golden(t, name)
			gradcheck.MatchOp[T](t, c, []string{"x"}, func(in []*ops.Node) (*ops.Node, error) { return build(c, in[0]) })
		})
	}
	t.Run("masked tokens", func(t *testing.T) { // over many classes: the same, by other kernels
		c := golden(t, "cross_entropy")
		gradcheck.MatchOp[T](t, c, []string{"x"}, func(in []*ops.Node) (*ops.Node, error) { return MaskedTokens[T](truth(t, c, 1), in[0]) })
	})
}

// weightedOf is the cross-entropy of labels as a golden case weighs and smooths them.
func weightedOf[T kernel.Float](t *testing.T) func(gradcheck.Case, *ops.Node) (*ops.Node, error) {
	return func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) {
		p := Problem{Options: 1, Classes: 3, Labels: Labels{Smoothing: c.Floats(t, "smoothing")[0]}}
		if c.Has("weights") {
			p.Labels.Weights = c.Floats(t, "weights")
		}
		b := truth(t, c, 1)
		b.Weight, b.LabelWeight = math.NaN(), 1/p.Labels.Sum(b.Labels)
		return Task[T](p, b, x)
	}
}

// binaryOf is the cross-entropy of labels by themselves as a golden case weighs and smooths
// them.
func binaryOf[T kernel.Float](t *testing.T) func(gradcheck.Case, *ops.Node) (*ops.Node, error) {
	return func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) {
		p := Problem{Kind: problem.MultiLabel, Options: 1, Classes: 3, Labels: Labels{Smoothing: c.Floats(t, "smoothing")[0]}}
		if c.Has("weights") {
			p.Labels.Weights = c.Floats(t, "weights")
		}
		return Task[T](p, truth(t, c, 1), x)
	}
}

func binarySoftTargetsOf[T kernel.Float](t *testing.T) func(gradcheck.Case, *ops.Node) (*ops.Node, error) {
	return func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) {
		return Taught[T](Problem{Kind: problem.MultiLabel, Options: 1, Classes: 3}, teacher(t, c), x, c.Floats(t, "temperature")[0])
	}
}

// teacher is a batch of what a golden teacher says, with a mean over it.
func teacher(t *testing.T, c gradcheck.Case) *ops.Batch {
	return &ops.Batch{Teacher: c.Floats(t, "teacher"), Weight: 1 / float64(c.Tensor(t, "teacher").Shape[0])}
}

func softTargetsOf[T kernel.Float](t *testing.T) func(gradcheck.Case, *ops.Node) (*ops.Node, error) {
	return func(c gradcheck.Case, x *ops.Node) (*ops.Node, error) {
		return SoftTargets[T](teacher(t, c), 1, x, c.Floats(t, "temperature")[0])
	}
}

// Soft targets over the options of an example are those over as many classes.
func TestGoldenSoftTargetsOverOptions(t *testing.T) {
	for _, name := range []string{"soft_targets", "soft_targets_warm"} {
		c := golden(t, name)
		x := gradcheck.ValueOf[float64](t, c, "x")
		options := x.Shape[1]
		x.Shape = []int{len(x.Data), 1}
		got := gradcheck.Evaluate(t, func(in []*ops.Node) (*ops.Node, error) {
			return SoftTargets[float64](teacher(t, c), options, in[0], c.Floats(t, "temperature")[0])
		}, c.Floats(t, "dy"), x)
		gradcheck.Match(t, c, "y", got.Y, gradcheck.Tolerance64)
		gradcheck.Match(t, c, "dx", got.Grads[0], gradcheck.Tolerance64)
	}
}

// slicesOf lists the parts of a golden tensor along its first axis, as inputs.
func slicesOf(t *testing.T, c gradcheck.Case, name string) (parts []gradcheck.Value[float64]) {
	whole := gradcheck.ValueOf[float64](t, c, name)
	size := len(whole.Data) / whole.Shape[0]
	for at := 0; at < len(whole.Data); at += size {
		parts = append(parts, gradcheck.Value[float64]{Data: whole.Data[at : at+size], Shape: whole.Shape[1:]})
	}
	return parts
}

// matchParts is MatchOp of an operation whose inputs are the parts of one tensor.
func matchParts(t *testing.T, c gradcheck.Case, name string, build func(in []*ops.Node) (*ops.Node, error)) {
	t.Helper()
	got := gradcheck.Evaluate(t, build, c.Floats(t, "dy"), slicesOf(t, c, name)...)
	gradcheck.Match(t, c, "y", got.Y, gradcheck.Tolerance64)
	var grads []float64
	for _, d := range got.Grads {
		grads = append(grads, d...)
	}
	gradcheck.Match(t, c, "d"+name, grads, gradcheck.Tolerance64)
}

// The regulariser, r encoder by encoder, with the weights that the paper has.
func TestGoldenPenalty(t *testing.T) {
	c := golden(t, "mass")
	matchParts(t, c, "r", func(in []*ops.Node) (*ops.Node, error) {
		weights := retention.Weights(len(in))
		return Penalty[float64](&ops.Batch{Penalty: 1}, c.Floats(t, "lambda")[0], weights, in)
	})
}

// The loss over three encoders and four sequences.
func TestGoldenPatience(t *testing.T) {
	c := gradcheck.Golden(t, "students").Sub("patience")
	var targets [][]float64
	for _, part := range slicesOf(t, c, "target") {
		targets = append(targets, part.Data)
	}
	matchParts(t, c, "x", func(in []*ops.Node) (*ops.Node, error) { return Patience(batch(3, 1, 2, 4), in, targets) })
}
