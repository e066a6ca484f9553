package ops

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Turns are the angles of rotary positions (Su et al. 2021, arXiv 2104.09864): by position and
// pair of a head their product with the pair's frequency, in float32 as in transformers, whose
// rounding decides at long texts. The ops of a graph share them.
type Turns[T kernel.Float] struct {
	frequency []float32 // of each pair
	cos, sin  []T       // (positions so far, pairs)
}

// NewTurns prepares those of heads twice as wide as there are frequencies.
func NewTurns[T kernel.Float](frequency []float32) *Turns[T] { return &Turns[T]{frequency: frequency} }

// reach makes the angles of positions up to the largest of some.
func (t *Turns[T]) reach(positions []int32) {
	have := int32(len(t.cos) / len(t.frequency))
	for _, last := range positions {
		for ; have <= last; have++ {
			for _, f := range t.frequency {
				sin, cos := math.Sincos(float64(float32(have) * f))
				t.cos, t.sin = append(t.cos, T(cos)), append(t.sin, T(sin))
			}
		}
	}
}

// turn turns the heads of a row by its position, or back. Pair k is the elements k and k+d/2
// of a head.
func (t *Turns[T]) turn(y, x []T, position int32, back bool) {
	half := len(t.frequency)
	cos, sin := t.cos[int(position)*half:][:half], t.sin[int(position)*half:][:half]
	for at := 0; at < len(x); at += 2 * half {
		a, b, c, d := x[at:at+half], x[at+half:at+2*half], y[at:at+half], y[at+half:at+2*half]
		for k, cos := range cos {
			sin := sin[k]
			if back {
				sin = -sin
			}
			c[k], d[k] = a[k]*cos-b[k]*sin, b[k]*cos+a[k]*sin
		}
	}
}

// Rotary turns the first columns of each row, so many, head by head, by where the row stands in
// the text, and leaves the others.
//
// Shapes: x (n, C), the rows of l; y (n, C).
func Rotary[T kernel.Float](l *Layout, turns *Turns[T], x *Node, columns int) (*Node, error) {
	return Apply("rotary", &rotary[T]{l, turns, columns, false}, x.Shape(), x)
}

type rotary[T kernel.Float] struct {
	layout  *Layout
	turns   *Turns[T]
	columns int
	back    bool
}

func (r *rotary[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	x := in[0]
	y := m.Mat(x.Rows, x.Cols)
	r.turns.reach(r.layout.Positions)
	m.work.rows(x.Rows, x.Cols, func(from, to int) {
		for i := from; i < to; i++ {
			at, end := i*x.Cols, (i+1)*x.Cols
			r.turns.turn(y.Data[at:at+r.columns], x.Data[at:at+r.columns], r.layout.Positions[i], r.back)
			copy(y.Data[at+r.columns:end], x.Data[at+r.columns:end])
		}
	})
	return y
}

func (r *rotary[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := Apply("rotary.dx", &rotary[T]{r.layout, r.turns, r.columns, !r.back}, in[0].Shape(), dy)
	return Nodes{dx}, err
}
