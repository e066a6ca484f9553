package problem

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Divergence returns how far the probabilities of o are from those of other, which are of
// the same examples: the mean of KL(o ‖ other), in nats. If the labels were drawn from o,
// so much would the mean cross-entropy be larger by other's. No truth is needed.
//
// Of a regression it is that of normal distributions around the scores, whose variance
// is that of o's scores: half the mean square of what a score moves by, in units of their
// spread. Where they have none it is half the mean square itself.
func (o *Outputs) Divergence(other *Outputs) float64 {
	if !o.Kind.Labelled() {
		return meanSquare(o.Predicted(), other.Predicted()) / (2 * spread(o.Predicted()))
	}
	sum := 0.0
	for i, row := range o.Logits {
		theirs := other.Logits[i]
		norm, norm2 := kernel.LogSumExp(row), kernel.LogSumExp(theirs)
		for k := range row {
			log := float64(row[k]) - norm
			sum += math.Exp(log) * (log - (float64(theirs[k]) - norm2))
		}
	}
	return max(sum, 0) / float64(len(o.Logits))
}

// spread is the variance of scores, 1 where they are all the same.
func spread(scores []float64) float64 {
	mean := 0.0
	for _, s := range scores {
		mean += s / float64(len(scores))
	}
	variance := 0.0
	for _, s := range scores {
		variance += (s - mean) * (s - mean) / float64(len(scores))
	}
	if variance == 0 {
		return 1
	}
	return variance
}

func meanSquare(a, b []float64) (mean float64) {
	for i := range a {
		mean += (a[i] - b[i]) * (a[i] - b[i]) / float64(len(a))
	}
	return mean
}

// Agreement returns the share of examples to which both outputs give the same label; ok
// is false of scores.
func (o *Outputs) Agreement(other *Outputs) (share float64, ok bool) {
	if !o.Kind.Labelled() {
		return 0, false
	}
	same, theirs := 0, other.Classes()
	for i, class := range o.Classes() {
		if class == theirs[i] {
			same++
		}
	}
	return float64(same) / float64(len(theirs)), true
}

// Moves returns by how much the probabilities differ, of each example the one that
// differs most: the mean and the most over the examples. Of a regression it is the scores
// that differ.
func (o *Outputs) Moves(other *Outputs) (mean, most float64) {
	for i := range o.Logits {
		move := o.move(o.Logits[i], other.Logits[i])
		mean, most = mean+move/float64(len(o.Logits)), max(most, move)
	}
	return mean, most
}

func (o *Outputs) move(a, b []float32) (most float64) {
	if !o.Kind.Labelled() {
		return math.Abs(float64(a[0]) - float64(b[0]))
	}
	p, q := Softmax(a), Softmax(b)
	for k := range p {
		most = max(most, math.Abs(p[k]-q[k]))
	}
	return most
}
