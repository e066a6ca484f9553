package loss

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// SoftTargets is the mean divergence from a teacher's distribution over the classes,
// both at temperature τ (Hinton et al. 2015, section 2):
//
//	τ²·Σ_s weight·KL(softmax(teacher_s/τ) ‖ softmax(logits_s/τ))
//
// The factor τ² keeps its gradient of one size whatever τ is. The code of BERT-PKD
// divides by the number of classes, too, which its paper does not (Sun et al. 2019).
// Options above 1 are as in CrossEntropy.
//
// Shapes: logits and the batch's Teacher (B, classes), or (B, 1); result a scalar.
func SoftTargets[T kernel.Float](b *ops.Batch, options int, logits *ops.Node, temperature float64) (*ops.Node, error) {
	return nodeOf("softtargets", softTargets[T]{b, options, temperature}, logits)
}

type softTargets[T kernel.Float] struct {
	batch       *ops.Batch
	options     int
	temperature float64
}

// distributions are log softmax(x/τ) and log softmax(teacher/τ) of example g.
func (k softTargets[T]) distributions(x ops.Mat[T], g int) (student, teacher []float64) {
	width := x.Cols * k.options
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

func (k softTargets[T]) value(x ops.Mat[T], _ *ops.Memory[T]) float64 {
	sum := 0.0
	for g := range x.Rows / k.options {
		student, teacher := k.distributions(x, g)
		for c, t := range teacher {
			sum += math.Exp(t) * (t - student[c])
		}
	}
	return sum * k.temperature * k.temperature * k.batch.Weight
}

// slope is dy·weight·τ·(softmax(logits/τ) − softmax(teacher/τ)).
func (k softTargets[T]) slope(dx, x ops.Mat[T], dy float64) {
	factor := dy * k.batch.Weight * k.temperature
	for g := range x.Rows / k.options {
		student, teacher := k.distributions(x, g)
		for c := range student {
			dx.Data[g*len(student)+c] = T(factor * (math.Exp(student[c]) - math.Exp(teacher[c])))
		}
	}
}
