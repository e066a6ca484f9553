package ops

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
)

// CrossEntropy is the weighted negative log-likelihood of the batch's labels:
//
//	y = Σ_s weight·(log Σ_c exp(logits[s,c]) − logits[s, label_s])
//
// Shapes: logits (B, classes); y a scalar.
func CrossEntropy[T kernel.Float](b *Batch, logits *Node) (*Node, error) {
	return ChoiceEntropy[T](b, 1, logits)
}

// ChoiceEntropy is CrossEntropy over groups of so many sequences that follow one
// another, the logits of a group side by side as those of one example, whose label
// is that of its first sequence.
//
// Shapes: logits (B, classes), B a multiple of choices; y a scalar.
func ChoiceEntropy[T kernel.Float](b *Batch, choices int, logits *Node) (*Node, error) {
	return apply("crossentropy", &crossEntropy[T]{batch: b, choices: choices}, Shape{}, []bool{true}, logits)
}

type crossEntropy[T kernel.Float] struct {
	batch   *Batch
	choices int
	y       [1]T
}

func (c *crossEntropy[T]) compute(in []Mat[T], _ *memory[T]) Mat[T] {
	sum, width := 0.0, in[0].Cols*c.choices
	for g := 0; g < len(in[0].Data); g += width {
		row := in[0].Data[g : g+width]
		sum += kernel.LogSumExp(row) - float64(row[c.batch.Labels[g/in[0].Cols]])
	}
	c.y[0] = T(sum * c.batch.Weight)
	return Mat[T]{1, 1, c.y[:]}
}

func (c *crossEntropy[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := apply("crossentropy.dx", &crossEntropyDX[T]{batch: c.batch, choices: c.choices}, in[0].Shape(), nil, dy, in[0])
	return Nodes{dx}, err
}

// crossEntropyDX is dlogits = dy·weight·(softmax(logits) − onehot(label)).
type crossEntropyDX[T kernel.Float] struct {
	batch   *Batch
	choices int
}

func (c *crossEntropyDX[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	logits, factor := in[1], float64(in[0].Data[0])*c.batch.Weight
	dx, width := m.mat(logits.Rows, logits.Cols), logits.Cols*c.choices
	for g := 0; g < len(logits.Data); g += width {
		row, label := logits.Data[g:g+width], c.batch.Labels[g/logits.Cols]
		lse := kernel.LogSumExp(row)
		for j, v := range row {
			p := math.Exp(float64(v) - lse)
			if j == label {
				p--
			}
			dx.Data[g+j] = T(factor * p)
		}
	}
	return dx
}

// MassPenalty is the regulariser of the configuration search,
//
//	y = λ·Σ_{j=1..L} j·mass(j; r),    mass(j; r) = Σ_k r_j[k]
//
// times the batch's share of it, so that it enters once per optimiser step.
//
// Shapes: r, one (N) per encoder; y a scalar.
func MassPenalty[T kernel.Float](b *Batch, lambda float64, r ...*Node) (*Node, error) {
	wrt := make([]bool, len(r))
	for j := range wrt {
		wrt[j] = true
	}
	return apply("masspenalty", &massPenalty[T]{batch: b, lambda: lambda}, Shape{}, wrt, r...)
}

type massPenalty[T kernel.Float] struct {
	batch  *Batch
	lambda float64
	y      [1]T
}

func (m *massPenalty[T]) compute(in []Mat[T], _ *memory[T]) Mat[T] {
	sum := 0.0
	for j, r := range in {
		mass := 0.0
		for _, v := range r.Data {
			mass += float64(v)
		}
		sum += float64(j+1) * mass
	}
	m.y[0] = T(m.batch.Penalty * m.lambda * sum)
	return Mat[T]{1, 1, m.y[:]}
}

func (m *massPenalty[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	grads := make(Nodes, len(in))
	for j, r := range in {
		d := &massPenaltyDR[T]{forward: m, encoder: j + 1, length: r.Shape()[0]}
		var err error
		if grads[j], err = apply("masspenalty.dr", d, r.Shape(), nil, dy); err != nil {
			return nil, err
		}
	}
	return grads, nil
}

// massPenaltyDR is dr_j[k] = dy·λ·j for every rank k.
type massPenaltyDR[T kernel.Float] struct {
	forward         *massPenalty[T]
	encoder, length int
}

func (p *massPenaltyDR[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	d := m.mat(1, p.length)
	v := T(float64(in[0].Data[0]) * p.forward.batch.Penalty * p.forward.lambda * float64(p.encoder))
	for k := range d.Data {
		d.Data[k] = v
	}
	return d
}
