package problem

import "github.com/powerbert/powerbert/internal/kernel"

// Answer is what logits say as the truth of an example would have it: the label of the
// largest, or of what is aimed at the scores, of labels by themselves their probabilities.
func (k Kind) Answer(logits []float32) (label int, targets []float64) {
	if !k.Aimed() {
		return kernel.Largest(logits), nil
	}
	for _, v := range logits {
		target := float64(v)
		if k.Several() {
			target = kernel.Sigmoid(target)
		}
		targets = append(targets, target)
	}
	return 0, targets
}
