package ops

import (
	"fmt"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/retention"
)

// weigh is Σ c∘y for a given cotangent c, so that a graph's gradients are those
// of y under c.
type weigh[T kernel.Float] struct {
	c   []T
	sum [1]T
}

func (w *weigh[T]) compute(in []Mat[T], _ *memory[T]) Mat[T] {
	w.sum[0] = kernel.Dot(in[0].Data, w.c)
	return Mat[T]{1, 1, w.sum[:]}
}

func (w *weigh[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	d, err := apply("weigh.dy", &weighDY[T]{forward: w}, in[0].Shape(), nil, in[0], dy)
	return Nodes{d}, err
}

type weighDY[T kernel.Float] struct{ forward *weigh[T] }

func (w *weighDY[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	dy := m.mat(in[0].Rows, in[0].Cols)
	for i, c := range w.forward.c {
		dy.Data[i] = in[1].Data[0] * c
	}
	return dy
}

// result is an op's output and gradients, in the order of its inputs.
type result[T kernel.Float] struct {
	y     []T
	grads [][]T
}

// value is an input of an op, row-major.
type value[T kernel.Float] struct {
	data  []T
	shape []int
}

// input is a golden tensor as an op's input.
func input[T kernel.Float](t *testing.T, c gradcheck.Case, name string) value[T] {
	return value[T]{gradcheck.Cast[T](t, c, name), c.Tensor(t, name).Shape}
}

// evaluate runs an op and its gradients under the cotangent dy.
func evaluate[T kernel.Float](t *testing.T, build func(in []*Node) (*Node, error), dy []T, inputs ...value[T]) result[T] {
	t.Helper()
	g := G.NewGraph()
	nodes, grads := make(Nodes, len(inputs)), make([]G.Value, len(inputs))
	for i, in := range inputs {
		nodes[i] = G.NewTensor(g, DType[T](), len(in.shape), G.WithName(fmt.Sprint("in", i)),
			G.WithShape(in.shape...), G.WithValue(Tensor(in.data, in.shape...)))
	}
	y, err := build(nodes)
	if err != nil {
		t.Fatal(err)
	}
	var out G.Value
	G.Read(y, &out)
	loss, err := apply("weigh", &weigh[T]{c: dy}, Shape{}, []bool{true}, y)
	if err != nil {
		t.Fatal(err)
	}
	wrt, err := G.Grad(loss, nodes...)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range wrt {
		G.Read(n, &grads[i])
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	r := result[T]{y: data[T](t, out)}
	for _, v := range grads {
		r.grads = append(r.grads, data[T](t, v))
	}
	return r
}

func data[T kernel.Float](t *testing.T, v G.Value) []T {
	t.Helper()
	m, err := matOf[T](v)
	if err != nil {
		t.Fatal(err)
	}
	return m.Data
}

// goldenRow is an op and the golden operation it must equal.
type goldenRow struct {
	name   string
	inputs []string
	build  func(c gradcheck.Case, in []*Node) (*Node, error)
}

// TestGolden holds every op and its gradients against PyTorch's float64 values.
func TestGolden(t *testing.T) {
	t.Run("float32", golden[float32])
	t.Run("float64", golden[float64])
}

func golden[T kernel.Float](t *testing.T) {
	for _, row := range goldenRows[T](t) {
		t.Run(row.name, func(t *testing.T) {
			c := goldenOp(t, row.name)
			in := make([]value[T], len(row.inputs))
			for i, name := range row.inputs {
				in[i] = input[T](t, c, name)
			}
			build := func(in []*Node) (*Node, error) { return row.build(c, in) }
			got := evaluate(t, build, gradcheck.Cast[T](t, c, "dy"), in...)
			gradcheck.Match(t, c, "y", got.y, gradcheck.Tolerance[T]())
			for i, name := range row.inputs {
				gradcheck.Match(t, c, "d"+name, got.grads[i], gradcheck.Tolerance[T]())
			}
		})
	}
}

// goldenOp is the golden operation of a name.
func goldenOp(t *testing.T, name string) gradcheck.Case {
	c := gradcheck.Golden(t, "ops").Sub(name)
	if len(c.Tensors) == 0 {
		c = gradcheck.Golden(t, "head_losses").Sub(name)
	}
	return c
}

func goldenRows[T kernel.Float](t *testing.T) []goldenRow {
	return []goldenRow{
		{"linear", []string{"x", "weight", "bias"}, func(_ gradcheck.Case, in []*Node) (*Node, error) {
			return Linear[T](false, in[0], in[1], in[2])
		}},
		{"embedding", []string{"word", "position", "token_type"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			b := &Batch{IDs: int32s(t, c, "ids"), Types: int32s(t, c, "types")}
			b.Layout = *layout([]int{len(b.IDs)}, []int{len(b.IDs)})
			b.Positions = int32s(t, c, "positions")
			return Embedding[T](b, len(b.IDs), in[0], in[1], in[2])
		}},
		{"layernorm", []string{"x", "gamma", "beta"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			return LayerNorm[T](in[0], in[1], in[2], c.Floats(t, "eps")[0])
		}},
		{"gelu", []string{"x"}, func(_ gradcheck.Case, in []*Node) (*Node, error) { return GELU[T](in[0]) }},
		{"gelu_tanh", []string{"x"}, func(_ gradcheck.Case, in []*Node) (*Node, error) { return GELUTanh[T](in[0]) }},
		{"tanh", []string{"x"}, func(_ gradcheck.Case, in []*Node) (*Node, error) { return Tanh[T](in[0]) }},
		{"residual", []string{"a", "b"}, func(_ gradcheck.Case, in []*Node) (*Node, error) {
			return Residual[T](nil, in[0], in[1])
		}},
		{"soft_targets", []string{"x"}, softTargetsOf[T](t)},
		{"soft_targets_warm", []string{"x"}, softTargetsOf[T](t)},
		{"cosine", []string{"x"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			l, target := layout(c.Ints(t, "lengths"), c.Ints(t, "real")), gradcheck.Cast[T](t, c, "target")
			return CosineDistance(&Batch{Layout: *l, Weight: 1.0 / 3}, in[0], l, &target)
		}},
		{"patient", []string{"x"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			target := gradcheck.Cast[T](t, c, "target")
			b := &Batch{Layout: *layout([]int{1, 1, 1, 1}, []int{1, 1, 1, 1}), Weight: 1.0 / 4}
			y, err := CosineDistance(b, in[0], nil, &target)
			if err != nil {
				return nil, err
			}
			return Blend[T]([]float64{2.0 / 6}, y) // |a − b|² = 2 − 2·cos of normalised a and b
		}},
		{"cross_entropy", []string{"x"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			labels := c.Ints(t, "labels")
			return CrossEntropy[T](&Batch{Labels: labels, Weight: 1 / float64(len(labels))}, in[0])
		}},
		{"cross_entropy", []string{"x"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			labels := c.Ints(t, "labels")
			return VocabularyCrossEntropy[T](&Batch{Labels: labels, Weight: 1 / float64(len(labels))}, in[0])
		}},
		{"choice", []string{"x"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			b := &Batch{}
			for _, label := range c.Ints(t, "labels") {
				b.Labels = append(b.Labels, label, -1, -1, -1) // that of the first sequence counts
			}
			b.Weight = 4 / float64(len(b.Labels))
			return ChoiceEntropy[T](b, 4, in[0])
		}},
		{"squared_error", []string{"x"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			scores := c.Floats(t, "scores")
			b := &Batch{Scores: scores, Weight: 1 / float64(len(scores))}
			return SquaredError[T](b, &b.Scores, in[0])
		}},
		{"squared_error", []string{"x"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			b := &Batch{Scores: []float64{9}, Teacher: c.Floats(t, "scores"), Weight: 1.0 / 5}
			return SquaredError[T](b, &b.Teacher, in[0])
		}},
		{"soft_extract", []string{"x", "r"}, softExtractOf[T](t, false)},
		{"soft_extract_relative", []string{"x", "r"}, softExtractOf[T](t, true)},
	}
}

func softExtractOf[T kernel.Float](t *testing.T, relative bool) func(gradcheck.Case, []*Node) (*Node, error) {
	return func(c gradcheck.Case, in []*Node) (*Node, error) {
		lengths := c.Ints(t, "lengths")
		sel := &Selection[T]{Pick: PickRank, In: layout(lengths, lengths), Scoring: retention.Scoring{Relative: relative}}
		sel.Rank = int32s(t, c, "rank")
		return SoftExtract(sel, in[0], in[1])
	}
}

// softTargetsOf builds the mean soft targets of a golden teacher.
func softTargetsOf[T kernel.Float](t *testing.T) func(gradcheck.Case, []*Node) (*Node, error) {
	return func(c gradcheck.Case, in []*Node) (*Node, error) {
		b := &Batch{Teacher: c.Floats(t, "teacher"), Weight: 1 / float64(c.Tensor(t, "teacher").Shape[0])}
		return SoftTargets[T](b, 1, in[0], c.Floats(t, "temperature")[0])
	}
}

// Soft targets over the options of an example are those over as many classes.
func TestGoldenSoftTargetsOverOptions(t *testing.T) {
	for _, name := range []string{"soft_targets", "soft_targets_warm"} {
		c := goldenOp(t, name)
		x, shape := input[float64](t, c, "x"), c.Tensor(t, "x").Shape
		b := &Batch{Teacher: c.Floats(t, "teacher"), Weight: 1 / float64(shape[0])}
		build := func(in []*Node) (*Node, error) {
			return SoftTargets[float64](b, shape[1], in[0], c.Floats(t, "temperature")[0])
		}
		got := evaluate(t, build, c.Floats(t, "dy"), value[float64]{x.data, []int{len(x.data), 1}})
		gradcheck.Match(t, c, "y", got.y, gradcheck.Tolerance64)
		gradcheck.Match(t, c, "dx", got.grads[0], gradcheck.Tolerance64)
	}
}

// layout is that of packed sequences.
func layout(lengths, real []int) *Layout {
	l := &Layout{}
	l.Reset()
	for i, n := range lengths {
		l.Add(n, real[i], real[i])
	}
	return l
}

func int32s(t *testing.T, c gradcheck.Case, name string) (out []int32) {
	t.Helper()
	for _, v := range c.Ints(t, name) {
		out = append(out, int32(v))
	}
	return out
}

// TestGoldenMassPenalty is apart because the op takes r encoder by encoder.
func TestGoldenMassPenalty(t *testing.T) {
	c := gradcheck.Golden(t, "ops").Sub("mass")
	r := input[float64](t, c, "r")
	encoders, n := r.shape[0], r.shape[1]
	var in []value[float64]
	for j := range encoders {
		in = append(in, value[float64]{r.data[j*n : (j+1)*n], []int{n}})
	}
	build := func(in []*Node) (*Node, error) {
		return MassPenalty[float64](&Batch{Penalty: 1}, c.Floats(t, "lambda")[0], in...)
	}
	got := evaluate(t, build, c.Floats(t, "dy"), in...)
	gradcheck.Match(t, c, "y", got.y, gradcheck.Tolerance64)
	var dr []float64
	for _, d := range got.grads {
		dr = append(dr, d...)
	}
	gradcheck.Match(t, c, "dr", dr, gradcheck.Tolerance64)
}

// TestGoldenExtract is the gather behind extraction: the residual of a branch
// of zeros is the kept rows of x, and its gradient goes back to them.
func TestGoldenExtract(t *testing.T) {
	c := gradcheck.Golden(t, "ops").Sub("extract")
	x, index := input[float64](t, c, "x"), int32s(t, c, "index")
	rows := x.shape[0]
	sel := &Selection[float64]{Pick: PickTop, In: layout([]int{rows}, []int{rows}), Kept: index}
	branch := value[float64]{make([]float64, len(index)*x.shape[1]), []int{len(index), x.shape[1]}}
	build := func(in []*Node) (*Node, error) { return Residual(sel, in[1], in[0]) }
	got := evaluate(t, build, c.Floats(t, "dy"), x, branch)
	gradcheck.Match(t, c, "y", got.y, 0)
	gradcheck.Match(t, c, "dx", got.grads[0], 0)
	gradcheck.Match(t, c, "dy", got.grads[1], 0)
}

// TestGoldenRank is ranks and picks of scores that tie.
func TestGoldenRank(t *testing.T) {
	c := gradcheck.Golden(t, "ops").Sub("rank")
	n := len(c.Floats(t, "sig"))
	choose := func(pick Pick, scoring retention.Scoring) *Selection[float64] {
		s := &Selection[float64]{Pick: pick, Scoring: scoring, In: layout([]int{n}, []int{n})}
		s.reset()
		copy(s.Sig, c.Floats(t, "sig"))
		s.choose(0)
		return s
	}
	gradcheck.MatchInts(t, c, "rank", choose(PickRank, retention.Scoring{}).Rank)
	gradcheck.MatchInts(t, c, "rank_clsfirst", choose(PickRank, retention.Scoring{ProtectCLS: true}).Rank)
	for _, keep := range []int{1, 2, 4, 7} {
		gradcheck.MatchInts(t, c, fmt.Sprint("kept_", keep), choose(PickTop, retention.Scoring{Keep: keep}).Kept)
	}
}
