package loss

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/retention"
)

// Penalty is the regulariser of the configuration search
// (Goyal et al. 2020, equation 1),
//
//	λ·Σ_{j=1..L} w_j·mass(j; r),    mass(j; r) = Σ_k r_j[k]
//
// times the batch's Penalty, 1 in one run of each optimiser step and 0 in the
// others. The paper's w_j is j. The mass is not divided by N or L, so λ depends on N.
//
// Shapes: weights w (L), r, one (N) per encoder; result a scalar.
func Penalty[T kernel.Float](b *ops.Batch, lambda float64, weights []float64, r []*ops.Node) (*ops.Node, error) {
	return ops.Apply("penalty", penalty[T]{b, lambda, weights}, ops.Shape{}, r...)
}

type penalty[T kernel.Float] struct {
	batch   *ops.Batch
	lambda  float64
	weights []float64
}

func (p penalty[T]) Compute(in []ops.Mat[T], m *ops.Memory[T]) ops.Mat[T] {
	var mass []float64
	for _, r := range in {
		mass = append(mass, retention.Mass(r.Data, len(r.Data))...)
	}
	y := m.Mat(1, 1)
	y.Data[0] = T(p.batch.Penalty * retention.Penalty(p.lambda, p.weights, mass))
	return y
}

func (p penalty[T]) Gradient(in ops.Nodes, _, dy *ops.Node) (ops.Nodes, error) {
	grads := make(ops.Nodes, len(in))
	for j, r := range in {
		var err error
		if grads[j], err = ops.Apply("penalty.dr", penaltyDR[T]{p.batch, p.lambda * p.weights[j], r.Shape()[0]}, r.Shape(), dy); err != nil {
			return nil, err
		}
	}
	return grads, nil
}

// penaltyDR is dy·λ·w_j for every rank of r_j.
type penaltyDR[T kernel.Float] struct {
	batch  *ops.Batch
	factor float64 // λ·w_j
	length int
}

func (p penaltyDR[T]) Compute(in []ops.Mat[T], m *ops.Memory[T]) ops.Mat[T] {
	d := m.Mat(1, p.length)
	slope := T(float64(in[0].Data[0]) * p.batch.Penalty * p.factor)
	for k := range d.Data {
		d.Data[k] = slope
	}
	return d
}
