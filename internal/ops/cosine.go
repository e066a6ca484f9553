package ops

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
)

// CosineDistance is the weighted distance of word-vectors from their targets, the
// mean over the real ones of each sequence:
//
//	y = Σ_s weight/n_s·Σ_{i in s} (1 − cos(x_i, target_i))
//
// rows says which sequence each row belongs to; nil: each sequence has one row.
//
// Shapes: x and target (n, H); y a scalar. The target is read at each run and is
// constant: a gradient flows to x alone.
func CosineDistance[T kernel.Float](b *Batch, x *Node, rows *Layout, target *[]T) (*Node, error) {
	c := &cosineDistance[T]{batch: b, rows: rows, target: target}
	return apply("cosinedistance", c, Shape{}, []bool{true}, x)
}

type cosineDistance[T kernel.Float] struct {
	batch  *Batch
	rows   *Layout
	target *[]T
	y      [1]T
}

// each calls f for every real row, with its weight.
func (c *cosineDistance[T]) each(f func(row int, weight float64)) {
	for s := range c.batch.Sequences() {
		from, real := s, 1
		if c.rows != nil {
			from, _, real = c.rows.Bounds(s)
		}
		for i := range real {
			f(from+i, c.batch.Weight/float64(real))
		}
	}
}

// angle is the cosine of a row and its target, and their squared lengths.
func (c *cosineDistance[T]) angle(x Mat[T], row int) (cos, xx, tt float64) {
	target, dot := (*c.target)[row*x.Cols:], 0.0
	for j, v := range x.Data[row*x.Cols : (row+1)*x.Cols] {
		a, t := float64(v), float64(target[j])
		dot, xx, tt = dot+a*t, xx+a*a, tt+t*t
	}
	return dot / math.Sqrt(xx*tt), xx, tt
}

func (c *cosineDistance[T]) compute(in []Mat[T], _ *memory[T]) Mat[T] {
	sum := 0.0
	c.each(func(row int, weight float64) {
		cos, _, _ := c.angle(in[0], row)
		sum += weight * (1 - cos)
	})
	c.y[0] = T(sum)
	return Mat[T]{1, 1, c.y[:]}
}

func (c *cosineDistance[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := apply("cosinedistance.dx", &cosineDistanceDX[T]{forward: c}, in[0].Shape(), nil, dy, in[0])
	return Nodes{dx}, err
}

// cosineDistanceDX is dx_i = dy·weight/n_s·(cos·x_i/|x_i|² − target_i/(|x_i|·|target_i|)).
type cosineDistanceDX[T kernel.Float] struct{ forward *cosineDistance[T] }

func (c *cosineDistanceDX[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	f, x, dy := c.forward, in[1], float64(in[0].Data[0])
	dx := m.zeroed(x.Rows, x.Cols)
	f.each(func(row int, weight float64) {
		cos, xx, tt := f.angle(x, row)
		target, at := (*f.target)[row*x.Cols:], row*x.Cols
		for j, v := range x.Data[at : at+x.Cols] {
			dx.Data[at+j] = T(dy * weight * (cos*float64(v)/xx - float64(target[j])/math.Sqrt(xx*tt)))
		}
	})
	return dx
}
