package loss

import (
	"fmt"
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/retention"
)

// Two encoders of three ranks, summed by hand.
func TestMassAndPenalty(t *testing.T) {
	r := []float64{1, 0.5, 0.25, 0.5, 0.5, 0}
	mass := retention.Mass(r, 3)
	if want := []float64{1.75, 1}; !slices.Equal(mass, want) {
		t.Errorf("masses are %v, want %v", mass, want)
	}
	// 0.01·(1·1.75 + 2·1)
	if got := retention.Penalty(0.01, mass); math.Abs(got-0.0375) > 1e-15 {
		t.Errorf("penalty is %v, want 0.0375", got)
	}
}

// batch has sequences of these lengths.
func batch(lengths ...int) *ops.Batch {
	b := &ops.Batch{Weight: 1 / float64(len(lengths))}
	for _, n := range lengths {
		b.AddSequence(make([]int32, n), make([]int32, n), 0, 0)
	}
	return b
}

// The loss over three encoders and four sequences, and its gradients, are PyTorch's.
func TestGoldenPatience(t *testing.T) {
	c := gradcheck.Golden(t, "students").Sub("patience")
	shape, states, target := c.Tensor(t, "x").Shape, c.Floats(t, "x"), c.Floats(t, "target")
	var x G.Nodes
	var targets [][]float64
	g := G.NewGraph()
	for at := 0; at < len(states); at += shape[1] * shape[2] {
		to := at + shape[1]*shape[2]
		x = append(x, G.NewMatrix(g, G.Float64, G.WithName(fmt.Sprint("x", at)), G.WithValue(ops.Tensor(states[at:to], shape[1], shape[2]))))
		targets = append(targets, target[at:to])
	}
	y, err := Patience(batch(3, 1, 2, 4), x, targets)
	if err != nil {
		t.Fatal(err)
	}
	var value G.Value
	G.Read(y, &value)
	weighed, err := Blend[float64](c.Floats(t, "dy"), y)
	if err != nil {
		t.Fatal(err)
	}
	grads, err := G.Grad(weighed, x...)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	gradcheck.Match(t, c, "y", []float64{value.Data().(float64)}, gradcheck.Tolerance64)
	var dx []float64
	for _, d := range grads {
		dx = append(dx, d.Value().Data().([]float64)...)
	}
	gradcheck.Match(t, c, "dx", dx, gradcheck.Tolerance64)
}

// The gradients against central differences, in batches of unlike sizes.
func TestPatienceGradients(t *testing.T) {
	const encoders, most, width = 3, 7, 5
	b, targets := &ops.Batch{}, make([][]float64, encoders)
	op := gradcheck.Op{Seed: 4, Build: func(in []*G.Node) (*G.Node, error) { return Patience(b, in, targets) }}
	for m := range encoders {
		op.Inputs = append(op.Inputs, gradcheck.Input{Name: fmt.Sprint("x", m), Shape: []int{most, width}, Rows: b.Sequences})
		for i := range most * width {
			targets[m] = append(targets[m], float64((7*i+3*m)%11)-4.5)
		}
	}
	for _, lengths := range [][]int{{4, 1, 3}, {2, 6, 5, 1, 1}, {3}} {
		op.Batches = append(op.Batches, func() { *b = *batch(lengths...) })
	}
	gradcheck.Check(t, op)
}
