package problem

import (
	"math"
	"slices"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Divergence returns how far the probabilities of o are from those of other, which are of
// the same examples: the mean of KL(o ‖ other), in nats. If the labels were drawn from o,
// so much would the mean cross-entropy be larger by other's. No truth is needed. Of labels
// by themselves it is the sum over them.
//
// Of a regression it is that of normal distributions around the scores, whose variance
// is that of o's scores: half the mean square of what a score moves by, in units of their
// spread. Where they have none it is half the mean square itself. Of several scores it is
// the sum over them.
func (o *Outputs) Divergence(other *Outputs) (sum float64) {
	if !o.Kind.Labelled() {
		for k := range o.width() {
			sum += meanSquare(o.column(k), other.column(k)) / (2 * spread(o.column(k)))
		}
		return sum
	}
	for i, row := range o.Logits {
		if !o.Kind.Several() {
			sum += divergence(row, other.Logits[i])
			continue
		}
		for k, v := range row { // whose sigmoid is the softmax beside 0
			sum += divergence([]float32{v, 0}, []float32{other.Logits[i][k], 0})
		}
	}
	return max(sum, 0) / float64(len(o.Logits))
}

// divergence is KL of the softmax of two rows of logits.
func divergence(row, theirs []float32) (sum float64) {
	norm, norm2 := kernel.LogSumExp(row), kernel.LogSumExp(theirs)
	for k := range row {
		log := float64(row[k]) - norm
		sum += math.Exp(log) * (log - (float64(theirs[k]) - norm2))
	}
	return sum
}

// width is how many outputs an example has.
func (o *Outputs) width() int {
	if len(o.Logits) == 0 {
		return 0
	}
	return len(o.Logits[0])
}

// column is one output of every example.
func (o *Outputs) column(k int) []float64 {
	all := make([]float64, len(o.Logits))
	for i, row := range o.Logits {
		all[i] = float64(row[k])
	}
	return all
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

// Agreement returns the share of examples to which both outputs give the same label, or of
// labels by themselves the same of them; ok is false of scores.
func (o *Outputs) Agreement(other *Outputs) (share float64, ok bool) {
	if !o.Kind.Labelled() {
		return 0, false
	}
	same := 0
	for i, row := range o.Logits {
		if slices.Equal(o.answers(row), other.answers(other.Logits[i])) {
			same++
		}
	}
	return float64(same) / float64(len(o.Logits)), true
}

// answers are the classes that logits give an example.
func (o *Outputs) answers(logits []float32) (classes []int) {
	if !o.Kind.Several() {
		return []int{kernel.Largest(logits)}
	}
	for class, yes := range said(logits, o.Thresholds) {
		if yes {
			classes = append(classes, class)
		}
	}
	return classes
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
	labels := make([]string, len(a))
	said, other := o.Kind.Decide(labels, nil, a).numbers(), o.Kind.Decide(labels, nil, b).numbers()
	for k, p := range said {
		most = max(most, math.Abs(p-other[k]))
	}
	return most
}
