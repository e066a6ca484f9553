package loss

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// Labels says how labels count in the cross-entropy of a classification. The zero value is
// CrossEntropy.
type Labels struct {
	Weights   []float64 // of the classes, or of having each label that is by itself, above 0; nil: 1 each
	Smoothing float64   // ε, in [0, 1]
}

// Plain tells whether all labels count alike, and in full.
func (l *Labels) Plain() bool { return l.Weights == nil && l.Smoothing == 0 }

// Sum is the sum of the weights of labels: what a mean over their examples divides by.
func (l *Labels) Sum(labels []int) float64 {
	if l.Weights == nil {
		return float64(len(labels))
	}
	sum := 0.0
	for _, y := range labels {
		sum += l.Weights[y]
	}
	return sum
}

// WeightedCrossEntropy is the cross-entropy with weights w of the classes and labels
// smoothed by ε, as PyTorch's CrossEntropyLoss(weight, label_smoothing):
//
//	Σ_s weight·((1 − ε)·w_y·−log p_y + ε/C·Σ_c w_c·−log p_c),    p = softmax(logits_s), y = label_s
//
// The weight is the batch's LabelWeight, 1 over the sum of w_y over the step. Smoothing
// towards the other classes (Szegedy et al. 2016, section 7) takes their weights along.
//
// Shapes: logits (B, C); result a scalar.
func WeightedCrossEntropy[T kernel.Float](b *ops.Batch, l Labels, logits *ops.Node) (*ops.Node, error) {
	return nodeOf("weightedcrossentropy", weightedCrossEntropy[T]{b, l}, logits)
}

type weightedCrossEntropy[T kernel.Float] struct {
	batch  *ops.Batch
	labels Labels
}

// target is what −log p_c counts for each class in an example with a label.
func (c weightedCrossEntropy[T]) target(label, classes int) (target []float64, sum float64) {
	target = make([]float64, classes)
	for k := range target {
		target[k] = c.labels.Smoothing / float64(classes)
		if k == label {
			target[k] += 1 - c.labels.Smoothing
		}
		if c.labels.Weights != nil {
			target[k] *= c.labels.Weights[k]
		}
		sum += target[k]
	}
	return target, sum
}

func (c weightedCrossEntropy[T]) value(x ops.Mat[T], _ *ops.Memory[T]) float64 {
	sum := 0.0
	for s := range x.Rows {
		logits := x.Data[s*x.Cols : (s+1)*x.Cols]
		lse := kernel.LogSumExp(logits)
		target, _ := c.target(c.batch.Labels[s], x.Cols)
		for k, t := range target {
			sum += t * (lse - float64(logits[k]))
		}
	}
	return sum * c.batch.LabelWeight
}

// slope is dy·weight·(softmax(logits)·Σ_c target_c − target).
func (c weightedCrossEntropy[T]) slope(dx, x ops.Mat[T], dy float64) {
	factor := dy * c.batch.LabelWeight
	for s := range x.Rows {
		logits := x.Data[s*x.Cols : (s+1)*x.Cols]
		lse := kernel.LogSumExp(logits)
		target, sum := c.target(c.batch.Labels[s], x.Cols)
		for k, t := range target {
			dx.Data[s*x.Cols+k] = T(factor * (math.Exp(float64(logits[k])-lse)*sum - t))
		}
	}
}
