package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// LayerNorm is y = γ·(x − mean)/√(var + eps) + β over each row, with the biased
// variance; a nil β is 0.
//
// Shapes: x (n, H), gamma and beta (H); y (n, H).
func LayerNorm[T kernel.Float](x, gamma, beta *Node, eps float64) (*Node, error) {
	l := &layerNorm[T]{eps: T(eps)}
	if beta == nil {
		l.zeros = make([]T, gamma.Shape()[0])
		return Apply("layernorm", l, x.Shape(), x, gamma)
	}
	return Apply("layernorm", l, x.Shape(), x, gamma, beta)
}

type layerNorm[T kernel.Float] struct {
	eps        T
	mean, rstd buffer[T]
	zeros      []T // β where there is none
}

func (l *layerNorm[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	x, beta := in[0], l.zeros
	if len(in) > 2 {
		beta = in[2].Data
	}
	y, mean, rstd := m.Mat(x.Rows, x.Cols), l.mean.mat(x.Rows, 1), l.rstd.mat(x.Rows, 1)
	m.work.rows(x.Rows, x.Cols, func(from, to int) {
		at, end := from*x.Cols, to*x.Cols
		kernel.LayerNorm(y.Data[at:end], x.Data[at:end], in[1].Data, beta, to-from, x.Cols, l.eps, mean.Data[from:to], rstd.Data[from:to])
	})
	return y
}

func (l *layerNorm[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	x, gamma := in[0], in[1]
	d := &layerNormGrad[T]{forward: l}
	dx, err := Apply("layernorm.dx", d, x.Shape(), dy, x, gamma)
	if err != nil {
		return nil, err
	}
	dgamma, err := beside("layernorm.dgamma", dx, &d.dgamma, gamma.Shape())
	if len(in) == 2 || err != nil {
		return Nodes{dx, dgamma}, err
	}
	dbeta, err := beside("layernorm.dbeta", dx, &d.dbeta, in[2].Shape())
	return Nodes{dx, dgamma, dbeta}, err
}

// layerNormGrad computes all three gradients; dx is its result, the other two
// are beside it.
type layerNormGrad[T kernel.Float] struct {
	forward       *layerNorm[T]
	buf           buffer[T]
	dgamma, dbeta Mat[T]
}

func (l *layerNormGrad[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dy, x, gamma := in[0], in[1], in[2]
	dx, both := m.Mat(x.Rows, x.Cols), l.buf.mat(2, x.Cols)
	l.dgamma = Mat[T]{1, x.Cols, both.Data[:x.Cols]}
	l.dbeta = Mat[T]{1, x.Cols, both.Data[x.Cols:]}
	kernel.LayerNormGrad(dx.Data, l.dgamma.Data, l.dbeta.Data, dy.Data, x.Data, gamma.Data,
		l.forward.mean[:x.Rows], l.forward.rstd[:x.Rows], x.Rows, x.Cols)
	return dx
}
