// Package loss holds what training minimises, as nodes of a gorgonia graph. What makes
// a node reports an error where shapes or types do not fit.
package loss

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// CrossEntropy is the mean negative log-likelihood of the labels of the batch.
// The mean is over the whole optimiser step: the batch's Weight is 1 over the
// number of sequences that all workers and micro-batches of the step hold.
//
// Shapes: logits (B, classes); result a scalar.
func CrossEntropy[T kernel.Float](b *ops.Batch, logits *ops.Node) (*ops.Node, error) {
	return ops.CrossEntropy[T](b, logits)
}

// MaskedLM is the mean negative log-likelihood of the tokens at the masked
// positions of the batch (Devlin et al. 2019). The mean is over the whole optimiser
// step: the batch's Weight is 1 over the masked positions of the step.
//
// Shapes: logits (masked, V); result a scalar.
func MaskedLM[T kernel.Float](b *ops.Batch, logits *ops.Node) (*ops.Node, error) {
	return ops.VocabularyCrossEntropy[T](b, logits)
}

// SoftTargets is the mean divergence from a teacher's distribution over the classes,
// τ²·KL(softmax(teacher/τ) ‖ softmax(logits/τ)) (Hinton et al. 2015, section 2), over
// the optimiser step as in CrossEntropy. The factor τ² keeps its gradient of one size
// whatever τ is. The code of BERT-PKD divides by the number of classes, too, which its
// paper does not (Sun et al. 2019).
//
// With options above 1 the distributions are over so many options of an example, whose
// sequences follow one another with a logit each, as in Choice.
//
// Shapes: logits and the batch's Teacher (B, classes), or (B, 1); result a scalar.
func SoftTargets[T kernel.Float](b *ops.Batch, options int, logits *ops.Node, temperature float64) (*ops.Node, error) {
	return ops.SoftTargets[T](b, options, logits, temperature)
}

// Cosine is the mean distance 1 − cos(x_i, target_i) of a student's word-vectors from
// a teacher's: over the real ones of a sequence and the sequences of the optimiser
// step (Sanh et al. 2019; their mean is over all word-vectors of a batch at once).
//
// Shapes: x and target (n, H), in the rows of l; result a scalar.
func Cosine[T kernel.Float](b *ops.Batch, x *ops.Node, l *ops.Layout, target *[]T) (*ops.Node, error) {
	return ops.CosineDistance(b, x, l, target)
}

// Patience is the mean squared difference of normalised [CLS] states of several
// encoders of a student from a teacher's (Sun et al. 2019, equation 7, as the mean
// over encoders, sequences and H that their code takes):
//
//	1/(M·H)·Σ_m |x_m/|x_m| − target_m/|target_m||²
//
// It is computed as 2 − 2·cos, which is the same.
//
// Shapes: x, M of (B, H), the targets likewise; result a scalar.
func Patience[T kernel.Float](b *ops.Batch, x []*ops.Node, targets [][]T) (*ops.Node, error) {
	var terms []*ops.Node
	var weights []float64
	for m, states := range x {
		term, err := ops.CosineDistance(b, states, nil, &targets[m])
		if err != nil {
			return nil, err
		}
		terms, weights = append(terms, term), append(weights, 2/float64(len(x)*states.Shape()[1]))
	}
	return ops.Blend[T](weights, terms...)
}

// Blend is the sum of scalar losses, each times its weight.
func Blend[T kernel.Float](weights []float64, terms ...*ops.Node) (*ops.Node, error) {
	return ops.Blend[T](weights, terms...)
}

// Choice is CrossEntropy of multiple-choice examples: the sequences of an example's
// so many options follow one another, with a logit each, and the softmax is over
// them. The batch's Weight is 1 over the examples of the step.
//
// Shapes: logits (B, 1), B a multiple of options; result a scalar.
func Choice[T kernel.Float](b *ops.Batch, options int, logits *ops.Node) (*ops.Node, error) {
	return ops.ChoiceEntropy[T](b, options, logits)
}

// SquaredError is the mean of (output − score)² over the batch, a mean as that of
// CrossEntropy. The scores are the batch's Scores or Teacher.
//
// Shapes: outputs (B, 1), scores (B); result a scalar.
func SquaredError[T kernel.Float](b *ops.Batch, scores *[]float64, outputs *ops.Node) (*ops.Node, error) {
	return ops.SquaredError[T](b, scores, outputs)
}

// MassPenalty is the regulariser of the configuration search
// (Goyal et al. 2020, equation 1),
//
//	λ·Σ_{j=1..L} j·mass(j; r),    mass(j; r) = Σ_k r_j[k]
//
// times the batch's Penalty, 1 in one run of each optimiser step and 0 in the
// others. The mass is not divided by N or L, so λ depends on N.
//
// Shapes: r, one (N) per encoder; result a scalar.
func MassPenalty[T kernel.Float](b *ops.Batch, lambda float64, r []*ops.Node) (*ops.Node, error) {
	return ops.MassPenalty[T](b, lambda, r...)
}
