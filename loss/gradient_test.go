package loss

import (
	"fmt"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/ops"
)

// capacity is the row count that the graphs here declare; no batch has as many.
const capacity = 17

// ragged are batches of unlike sizes: the second is larger than the first and the third
// smaller than both, so that buffers grow and are left part used. Each sequence is its
// rows and how many of them are real.
var ragged = [][][2]int{
	{{4, 4}, {5, 3}, {3, 3}},
	{{2, 2}, {6, 6}, {5, 1}, {1, 1}, {1, 1}, {2, 2}},
	{{3, 3}, {1, 1}, {4, 2}},
}

// fill makes b of the sequences, with labels, and targets and a teacher of three classes.
func fill(b *ops.Batch, sequences [][2]int) {
	b.Reset()
	for s, n := range sequences {
		b.AddSequence(make([]int32, n[1]), make([]int32, n[1]), n[0], (s+1)%3)
	}
	for i := range 3 * len(sequences) {
		b.Teacher = append(b.Teacher, float64((5*i+2)%7)/2)
		b.Targets = append(b.Targets, 1.7*float64(i%5)-2)
	}
	b.Weight, b.LabelWeight, b.Penalty = 0.37, 0.29, 0.81
}

func numbers(n, seed int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = float64((7*i+seed)%11) - 4.5
	}
	return list
}

// TestGradients holds every loss against central differences. A new one earns its place
// with a row here and a golden value in TestGolden.
func TestGradients(t *testing.T) {
	b, target := &ops.Batch{}, numbers(5*capacity, 3)
	perSequence := func(cols int) []gradcheck.Input {
		return []gradcheck.Input{{Name: "x", Shape: []int{capacity, cols}, Rows: b.Sequences}}
	}
	type nodes = []*ops.Node
	for _, row := range []struct {
		name   string
		inputs []gradcheck.Input
		build  func(in nodes) (*ops.Node, error)
	}{
		{"cross-entropy", perSequence(3), func(in nodes) (*ops.Node, error) { return CrossEntropy[float64](b, 1, in[0]) }},
		{"cross-entropy over options", perSequence(1), func(in nodes) (*ops.Node, error) { return CrossEntropy[float64](b, 3, in[0]) }},
		{"weighted and smoothed cross-entropy", perSequence(3), func(in nodes) (*ops.Node, error) {
			return WeightedCrossEntropy[float64](b, Labels{[]float64{0.5, 2, 1.25}, 0.3}, in[0])
		}},
		{"binary cross-entropy", perSequence(1), func(in nodes) (*ops.Node, error) { return BinaryCrossEntropy[float64](b, Labels{}, in[0]) }},
		{"weighted and smoothed binary cross-entropy", perSequence(3), func(in nodes) (*ops.Node, error) {
			return BinaryCrossEntropy[float64](b, Labels{[]float64{0.5, 2, 1.25}, 0.3}, in[0])
		}},
		{"binary soft targets", perSequence(3), func(in nodes) (*ops.Node, error) { return BinarySoftTargets[float64](b, in[0], 2.5) }},
		{"masked tokens", perSequence(3), func(in nodes) (*ops.Node, error) { return MaskedTokens[float64](b, in[0]) }},
		{"squared error", perSequence(1), func(in nodes) (*ops.Node, error) { return SquaredError[float64](b, &b.Targets, in[0]) }},
		{"squared error of three scores", perSequence(3), func(in nodes) (*ops.Node, error) { return SquaredError[float64](b, &b.Targets, in[0]) }},
		{"squared error from a teacher", perSequence(1), func(in nodes) (*ops.Node, error) { return SquaredError[float64](b, &b.Teacher, in[0]) }},
		{"soft targets", perSequence(3), func(in nodes) (*ops.Node, error) { return SoftTargets[float64](b, 1, in[0], 1) }},
		{"soft targets, warm", perSequence(3), func(in nodes) (*ops.Node, error) { return SoftTargets[float64](b, 1, in[0], 2.5) }},
		{"soft targets over options", perSequence(1), func(in nodes) (*ops.Node, error) { return SoftTargets[float64](b, 3, in[0], 2.5) }},
		{"cosine", []gradcheck.Input{{Name: "x", Shape: []int{capacity, 5}, Rows: b.Rows}},
			func(in nodes) (*ops.Node, error) { return Cosine(b, in[0], &b.Layout, &target) }},
		{"cosine of one row each", perSequence(5), func(in nodes) (*ops.Node, error) { return Cosine(b, in[0], nil, &target) }},
		{"penalty", []gradcheck.Input{{Name: "r1", Shape: []int{7}}, {Name: "r2", Shape: []int{7}}, {Name: "r3", Shape: []int{7}}},
			func(in nodes) (*ops.Node, error) { return Penalty[float64](b, 0.03, []float64{0.5, 3, 2}, in) }},
		{"blend", append(perSequence(3), gradcheck.Input{Name: "r", Shape: []int{7}}), func(in nodes) (*ops.Node, error) {
			hard, err := CrossEntropy[float64](b, 1, in[0])
			if err != nil {
				return nil, err
			}
			mass, err := Penalty[float64](b, 0.03, []float64{1}, in[1:])
			if err != nil {
				return nil, err
			}
			return Blend[float64]([]float64{0.3, -0.7}, hard, mass)
		}},
	} {
		t.Run(row.name, func(t *testing.T) { checkGradients(t, b, row.inputs, row.build) })
	}
}

func checkGradients(t *testing.T, b *ops.Batch, inputs []gradcheck.Input, build func(in []*ops.Node) (*ops.Node, error)) {
	op := gradcheck.Op{Inputs: inputs, Build: build, Seed: 3}
	for _, sequences := range ragged {
		op.Batches = append(op.Batches, func() { fill(b, sequences) })
	}
	gradcheck.Check(t, op)
}

// Patience has a target for each of its inputs.
func TestPatienceGradients(t *testing.T) {
	const encoders, width = 3, 5
	b := &ops.Batch{}
	var inputs []gradcheck.Input
	var targets [][]float64
	for m := range encoders {
		inputs = append(inputs, gradcheck.Input{Name: fmt.Sprint("x", m), Shape: []int{capacity, width}, Rows: b.Sequences})
		targets = append(targets, numbers(capacity*width, 3*m))
	}
	checkGradients(t, b, inputs, func(in []*ops.Node) (*ops.Node, error) { return Patience(b, in, targets) })
}

// The penalty is the sum by hand, times the run's share of it, and its slope in every
// rank is that share of λ·w_j.
func TestPenaltyWeighsEncoders(t *testing.T) {
	r := []gradcheck.Value[float64]{{Data: []float64{1, 0.5, 0.25}, Shape: []int{3}}, {Data: []float64{0.5, 0.5, 0}, Shape: []int{3}}}
	for _, share := range []float64{1, 0.5, 0} {
		got := gradcheck.Evaluate(t, func(in []*ops.Node) (*ops.Node, error) {
			return Penalty[float64](&ops.Batch{Penalty: share}, 0.01, []float64{5, 0.25}, in)
		}, []float64{1}, r...)
		gradcheck.Close(t, "penalty", got.Y, []float64{share * 0.01 * (5*1.75 + 0.25*1)}, 1e-15)
		gradcheck.Close(t, "slope of encoder 1", got.Grads[0], []float64{share * 0.05, share * 0.05, share * 0.05}, 1e-15)
		gradcheck.Close(t, "slope of encoder 2", got.Grads[1], []float64{share * 0.0025, share * 0.0025, share * 0.0025}, 1e-15)
	}
}
