package loss

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/problem"
)

// BinaryCrossEntropy is the mean cross-entropy of labels that are each by itself, as
// PyTorch's BCEWithLogitsLoss(pos_weight):
//
//	Σ_s weight·1/C·Σ_c w_c·y'·−log σ(x[s,c]) + (1 − y')·−log σ(−x[s,c]),    y' = (1 − ε)·y[s,c] + ε/2
//
// with the batch's Targets y, the weights w of having a label and the smoothing ε, which
// takes the targets towards 1/2. The weight is the batch's Weight: weights of labels do
// not enter the mean, for they part having a label from not having it.
//
// Shapes: logits x and Targets (B, C); result a scalar.
func BinaryCrossEntropy[T kernel.Float](b *ops.Batch, l Labels, logits *ops.Node) (*ops.Node, error) {
	return nodeOf("binarycrossentropy", binaryCrossEntropy[T]{b, l}, logits)
}

type binaryCrossEntropy[T kernel.Float] struct {
	batch  *ops.Batch
	labels Labels
}

// target is what −log σ(x) counts at the i-th output of a batch with so many classes, and
// what −log σ(−x) counts.
func (c binaryCrossEntropy[T]) target(i, classes int) (has, lacks float64) {
	y := (1-c.labels.Smoothing)*c.batch.Targets[i] + c.labels.Smoothing/2
	if c.labels.Weights == nil {
		return y, 1 - y
	}
	return c.labels.Weights[i%classes] * y, 1 - y
}

func (c binaryCrossEntropy[T]) value(x ops.Mat[T], _ *ops.Memory[T]) float64 {
	sum := 0.0
	for i, v := range x.Data {
		has, lacks := c.target(i, x.Cols)
		sum += has*problem.BinaryCrossEntropy(float64(v), 1) + lacks*problem.BinaryCrossEntropy(float64(v), 0)
	}
	return sum * c.batch.Weight / float64(x.Cols)
}

// slope is dy·weight/C·(lacks·σ(x) − has·σ(−x)).
func (c binaryCrossEntropy[T]) slope(dx, x ops.Mat[T], dy float64) {
	factor := dy * c.batch.Weight / float64(x.Cols)
	for i, v := range x.Data {
		has, lacks := c.target(i, x.Cols)
		dx.Data[i] = T(factor * (lacks*kernel.Sigmoid(float64(v)) - has*kernel.Sigmoid(-float64(v))))
	}
}

// BinarySoftTargets is the mean divergence from what a teacher says of labels that are each
// by itself, both at temperature τ: SoftTargets of each label and its absence,
//
//	τ²·Σ_s weight·1/C·Σ_c KL(Bernoulli(σ(teacher[s,c]/τ)) ‖ Bernoulli(σ(x[s,c]/τ)))
//
// whose gradient is that of the binary cross-entropy against the teacher's probabilities.
//
// Shapes: logits x and the batch's Teacher (B, C); result a scalar.
func BinarySoftTargets[T kernel.Float](b *ops.Batch, logits *ops.Node, temperature float64) (*ops.Node, error) {
	return nodeOf("binarysofttargets", binarySoftTargets[T]{b, temperature}, logits)
}

type binarySoftTargets[T kernel.Float] struct {
	batch       *ops.Batch
	temperature float64
}

func (k binarySoftTargets[T]) value(x ops.Mat[T], _ *ops.Memory[T]) float64 {
	sum := 0.0
	for i, v := range x.Data {
		teacher := k.batch.Teacher[i] / k.temperature
		p := kernel.Sigmoid(teacher)
		sum += problem.BinaryCrossEntropy(float64(v)/k.temperature, p) - problem.BinaryCrossEntropy(teacher, p)
	}
	return sum * k.temperature * k.temperature * k.batch.Weight / float64(x.Cols)
}

// slope is dy·weight·τ/C·(σ(x/τ) − σ(teacher/τ)).
func (k binarySoftTargets[T]) slope(dx, x ops.Mat[T], dy float64) {
	factor := dy * k.batch.Weight * k.temperature / float64(x.Cols)
	for i, v := range x.Data {
		dx.Data[i] = T(factor * (kernel.Sigmoid(float64(v)/k.temperature) - kernel.Sigmoid(k.batch.Teacher[i]/k.temperature)))
	}
}
