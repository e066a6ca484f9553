package ops

import (
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
)

// chain is a graph of so many tanh, one after another, over x (3, 5).
func chain(t *testing.T, x []float64, n int) (g *Graph, nodes Nodes) {
	t.Helper()
	g = NewGraph()
	y := Input(g, "x", x, 3, 5)
	for range n {
		var err error
		if y, err = Tanh[float64](y); err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, y)
	}
	return g, nodes
}

// buffers are how many memories the results of nodes lie in.
func buffers(nodes Nodes) int {
	seen := map[*buffer[float64]]bool{}
	for _, n := range nodes {
		seen[n.Op().(*op[float64]).mem.out] = true
	}
	return len(seen)
}

// Results of a chain take turns in two buffers, whatever its length; one that is kept has
// its own, and its value is there after the run.
func TestPlanSharesMemory(t *testing.T) {
	x := make([]float64, 15)
	for i := range x {
		x[i] = float64(i)/7 - 1
	}
	for _, c := range []struct {
		keep []int
		want int
	}{{[]int{6}, 2}, {[]int{1, 6}, 3}, {[]int{0, 2, 6}, 4}} {
		g, nodes := chain(t, x, 7)
		var kept Nodes
		for _, i := range c.keep {
			kept = append(kept, nodes[i])
		}
		values := ran[float64](t, g, nil, kept...)
		if got := buffers(nodes); got != c.want {
			t.Errorf("kept %v: seven results lie in %d buffers, want %d", c.keep, got, c.want)
		}
		for k, i := range c.keep {
			want := make([]float64, len(x))
			for at, v := range x {
				for range i + 1 {
					v = math.Tanh(v)
				}
				want[at] = v
			}
			gradcheck.Close(t, "kept value", values[k], want, 1e-12)
		}
	}
}

// A result that another still reads is not written over, and a result of another width
// does not lie in its memory.
func TestPlanWaitsForReaders(t *testing.T) {
	x := []float64{0.3, -0.2, 0.5, 1.1, -0.7, 0.9}
	g := NewGraph()
	in := Input(g, "x", x, 3, 2)
	apply := func(n *Node, err error) *Node {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	early := apply(Tanh[float64](in))
	wide := apply(Linear(kernel.Exact[float64]{}, early, Input(g, "w", []float64{1, 2, 3, 4, 5, 6}, 3, 2), Input(g, "b", []float64{1, 2, 3}, 3)))
	narrow := apply(Linear(kernel.Exact[float64]{}, apply(Tanh[float64](wide)), Input(g, "v", []float64{1, 2, 3, 4, 5, 6}, 2, 3), Input(g, "c", []float64{1, 2}, 2)))
	y := apply(Residual[float64](nil, apply(Tanh[float64](narrow)), early)) // reads early once more
	want := make([]float64, 6)
	for i := range 3 {
		a, b := math.Tanh(x[2*i]), math.Tanh(x[2*i+1])
		var h [3]float64
		for k := range h {
			h[k] = math.Tanh(float64(2*k+1)*a + float64(2*k+2)*b + float64(k+1))
		}
		want[2*i] = a + math.Tanh(h[0]+2*h[1]+3*h[2]+1)
		want[2*i+1] = b + math.Tanh(4*h[0]+5*h[1]+6*h[2]+2)
	}
	gradcheck.Close(t, "y", ran[float64](t, g, nil, y)[0], want, 1e-12)
	if o := func(n *Node) *buffer[float64] { return n.Op().(*op[float64]).mem.out }; o(early) == o(narrow) || o(wide) == o(narrow) {
		t.Error("memory is taken from a reader, or of another width")
	}
}

// energy is half the sum of the squares of its input.
type energy struct{}

func (energy) Compute(in []Mat[float64], m *Memory[float64]) Mat[float64] {
	y := m.Mat(1, 1)
	y.Data[0] = kernel.Dot(in[0].Data, in[0].Data) / 2
	return y
}

func (energy) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := Apply("energy.dx", energyDX{}, in[0].Shape(), in[0], dy)
	return Nodes{dx}, err
}

type energyDX struct{}

func (energyDX) Compute(in []Mat[float64], m *Memory[float64]) Mat[float64] {
	dx := m.Mat(in[0].Rows, in[0].Cols)
	kernel.Scale(dx.Data, in[0].Data, in[1].Data[0])
	return dx
}

// forked is a graph in which three nodes read x, and two of each other, with the gradients of x
// and of a weight.
func forked(t *testing.T) (g *Graph, kept Nodes) {
	t.Helper()
	must := func(n *Node, err error) *Node {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	g = NewGraph()
	x, w := Input(g, "x", []float64{0.3, -0.2, 0.5, 1.1, -0.7, 0.9}, 3, 2), Input(g, "w", []float64{1, 2, 3, 5}, 2, 2)
	a := must(Residual[float64](nil, must(Tanh[float64](x)), x))
	b := must(Linear(kernel.Exact[float64]{}, a, w, Input(g, "b", []float64{0.5, -1}, 2)))
	y := must(Residual[float64](nil, must(Residual[float64](nil, b, a)), x))
	loss := must(Apply("energy", energy{}, Shape{}, y))
	grads, err := Grad[float64](loss, x, w)
	if err != nil {
		t.Fatal(err)
	}
	return g, append(grads, loss, y)
}

// The machine comes to the bits of gorgonia's, in whose memory nothing is shared: values,
// gradients, and their sums where a value has several readers, at each run.
func TestMachineIsGorgonias(t *testing.T) {
	g, kept := forked(t)
	vm := G.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	var want [][]float64
	for _, n := range kept {
		want = append(want, slices.Clone(Values[float64](n)))
	}
	g, kept = forked(t)
	for i, got := range ran[float64](t, g, nil, kept...) {
		if len(got) == 0 || !slices.Equal(got, want[i]) {
			t.Errorf("value %d is %v, gorgonia's %v", i, got, want[i])
		}
	}
}

// An op that the machine does not know is refused as it is planned.
func TestPlanRefuses(t *testing.T) {
	g := NewGraph()
	y, err := G.Sub(Input(g, "x", []float64{1, 2}, 2), Input(g, "y", []float64{3, 4}, 2))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Plan[float64](g, nil, y); err == nil || err.Error() != "ops: the graph has the op - false, want one of this package or a sum" {
		t.Errorf("error %v", err)
	}
	g = NewGraph()
	x, err := Tanh[float32](Input(g, "x", []float32{1, 2}, 2))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Plan[float64](g, nil, x); err == nil {
		t.Error("a graph of float32 is planned in float64")
	}
}

// Work memory is what the greediest op took at once, from the second run on.
func TestWorkMemoryStays(t *testing.T) {
	w := &work[float32]{}
	for range 3 {
		a, b := w.take(5), w.take(8)
		if len(a) != 5 || len(b) != 8 || cap(a) != 5 {
			t.Errorf("took %d of capacity %d, and %d", len(a), cap(a), len(b))
		}
		w.done()
		w.take(3)
		w.done()
	}
	a, b := w.take(6), w.take(7)
	if len(w.chunk) != 13 || &a[0] != &w.chunk[0] || &b[0] != &w.chunk[6] {
		t.Errorf("%d elements stay, want 13, all of which serve", len(w.chunk))
	}
	if c := w.take(1); &c[0] == &w.chunk[12] {
		t.Error("one element serves twice")
	}
}

// What does not fit is refused as the graph is built.
func TestOpsRefuse(t *testing.T) {
	g := NewGraph()
	x, b := Input(g, "x", make([]float64, 10), 2, 5), Input(g, "b", make([]float64, 4), 4)
	weights := func(out, in int) kernel.Matrix[float64] {
		return kernel.Rows[float64]{Data: make([]float64, out*in), Out: out, In: in}
	}
	_, columns := Affine(weights(4, 6), x, b)
	_, bias := Affine(weights(3, 5), x, b)
	_, dtypes := Tanh[float32](x)
	y, err := Affine(weights(4, 5), x, b)
	if err != nil {
		t.Fatal(err)
	}
	o := y.Op().(*op[float64])
	_, gradient := o.SymDiff(Nodes{x, b}, y, y)
	for want, err := range map[string]error{
		"affine: x has 5 columns, want 6 as the weights":         columns,
		"affine: the bias has 4 elements, want 3 as the weights": bias,
		"tanh: input 0 is of float64, want float32":              dtypes,
		o.String() + " has no gradient":                          gradient,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// A layout has no rows before it has sequences.
func TestLayoutCounts(t *testing.T) {
	l := &Layout{}
	if l.Rows() != 0 || l.Sequences() != 0 {
		t.Errorf("an empty layout has %d rows of %d sequences", l.Rows(), l.Sequences())
	}
	for range 2 {
		l.Reset()
		l.Add(5, 3, 4)
		l.Add(2, 2, 2)
		if from, to, real := l.Bounds(1); l.Rows() != 7 || l.Sequences() != 2 || from != 5 || to != 7 || real != 2 || l.Positions[6] != 1 || l.Length[0] != 4 {
			t.Errorf("layout %+v", l)
		}
	}
}
