package loss

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// Cosine is the mean distance of a student's word-vectors from a teacher's, over the
// real ones of a sequence and then over sequences (Sanh et al. 2019; their mean is over
// all word-vectors of a batch at once):
//
//	Σ_s weight/n_s·Σ_{i in s} (1 − cos(x_i, target_i))
//
// l says which sequence each row belongs to; nil: each sequence has one row. The target
// is as each run finds it.
//
// Shapes: x and target (n, H); result a scalar.
func Cosine[T kernel.Float](b *ops.Batch, x *ops.Node, l *ops.Layout, target *[]T) (*ops.Node, error) {
	return nodeOf("cosine", cosine[T]{b, l, target}, x)
}

type cosine[T kernel.Float] struct {
	batch  *ops.Batch
	rows   *ops.Layout
	target *[]T
}

// each calls f for every real row, with its weight.
func (c cosine[T]) each(f func(row int, weight float64)) {
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
func (c cosine[T]) angle(x ops.Mat[T], row int) (cos, xx, tt float64) {
	target, dot := (*c.target)[row*x.Cols:], 0.0
	for j, v := range x.Data[row*x.Cols : (row+1)*x.Cols] {
		a, t := float64(v), float64(target[j])
		dot, xx, tt = dot+a*t, xx+a*a, tt+t*t
	}
	return dot / math.Sqrt(xx*tt), xx, tt
}

func (c cosine[T]) value(x ops.Mat[T], _ *ops.Memory[T]) float64 {
	sum := 0.0
	c.each(func(row int, weight float64) {
		cos, _, _ := c.angle(x, row)
		sum += weight * (1 - cos)
	})
	return sum
}

// slope is dy·weight/n_s·(cos·x_i/|x_i|² − target_i/(|x_i|·|target_i|)); of padding 0.
func (c cosine[T]) slope(dx, x ops.Mat[T], dy float64) {
	clear(dx.Data)
	c.each(func(row int, weight float64) {
		cos, xx, tt := c.angle(x, row)
		target, at := (*c.target)[row*x.Cols:], row*x.Cols
		for j, v := range x.Data[at : at+x.Cols] {
			dx.Data[at+j] = T(dy * weight * (cos*float64(v)/xx - float64(target[j])/math.Sqrt(xx*tt)))
		}
	})
}
