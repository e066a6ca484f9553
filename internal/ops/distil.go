package ops

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
)

// SoftTargets is the weighted divergence from the teacher's distribution over the
// classes, both at temperature τ (Hinton et al. 2015, section 2):
//
//	y = τ²·Σ_s weight·KL(softmax(teacher_s/τ) ‖ softmax(logits_s/τ))
//
// With choices above 1 the logits of so many sequences that follow one another lie
// side by side, as in ChoiceEntropy, and the sum is over these groups.
//
// Shapes: logits (B, classes), the batch's Teacher the same, B a multiple of choices;
// y a scalar. The teacher is constant: a gradient flows to the logits alone.
func SoftTargets[T kernel.Float](b *Batch, choices int, logits *Node, temperature float64) (*Node, error) {
	k := &softTargets[T]{batch: b, choices: choices, temperature: temperature}
	return apply("softtargets", k, Shape{}, []bool{true}, logits)
}

type softTargets[T kernel.Float] struct {
	batch       *Batch
	choices     int
	temperature float64
	y           [1]T
}

// distributions are log softmax(x/τ) and log softmax(teacher/τ) of group g.
func (k *softTargets[T]) distributions(x Mat[T], g int) (student, teacher []float64) {
	width := x.Cols * k.choices
	student, teacher = make([]float64, width), make([]float64, width)
	for c := range width {
		student[c] = float64(x.Data[g*width+c]) / k.temperature
		teacher[c] = k.batch.Teacher[g*width+c] / k.temperature
	}
	for _, list := range [][]float64{student, teacher} {
		lse := kernel.LogSumExp(list)
		for c := range list {
			list[c] -= lse
		}
	}
	return student, teacher
}

func (k *softTargets[T]) compute(in []Mat[T], _ *memory[T]) Mat[T] {
	sum := 0.0
	for g := range in[0].Rows / k.choices {
		student, teacher := k.distributions(in[0], g)
		for c, t := range teacher {
			sum += math.Exp(t) * (t - student[c])
		}
	}
	k.y[0] = T(sum * k.temperature * k.temperature * k.batch.Weight)
	return Mat[T]{1, 1, k.y[:]}
}

func (k *softTargets[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := apply("softtargets.dx", &softTargetsDX[T]{forward: k}, in[0].Shape(), nil, dy, in[0])
	return Nodes{dx}, err
}

// softTargetsDX is dlogits = dy·weight·τ·(softmax(logits/τ) − softmax(teacher/τ)).
type softTargetsDX[T kernel.Float] struct{ forward *softTargets[T] }

func (k *softTargetsDX[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	f, x := k.forward, in[1]
	factor := float64(in[0].Data[0]) * f.batch.Weight * f.temperature
	dx := m.mat(x.Rows, x.Cols)
	for g := range x.Rows / f.choices {
		student, teacher := f.distributions(x, g)
		for c := range student {
			dx.Data[g*len(student)+c] = T(factor * (math.Exp(student[c]) - math.Exp(teacher[c])))
		}
	}
	return dx
}

// Blend is Σ_i weights_i·terms_i of scalars.
func Blend[T kernel.Float](weights []float64, terms ...*Node) (*Node, error) {
	wrt := make([]bool, len(terms))
	for i := range wrt {
		wrt[i] = true
	}
	return apply("blend", &blend[T]{weights: weights}, Shape{}, wrt, terms...)
}

type blend[T kernel.Float] struct {
	weights []float64
	y       [1]T
}

func (b *blend[T]) compute(in []Mat[T], _ *memory[T]) Mat[T] {
	sum := 0.0
	for i, term := range in {
		sum += b.weights[i] * float64(term.Data[0])
	}
	b.y[0] = T(sum)
	return Mat[T]{1, 1, b.y[:]}
}

func (b *blend[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	grads := make(Nodes, len(in))
	for i := range in {
		var err error
		if grads[i], err = apply("blend.d", &blend[T]{weights: b.weights[i : i+1]}, Shape{}, nil, dy); err != nil {
			return nil, err
		}
	}
	return grads, nil
}
