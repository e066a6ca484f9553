package problem

import (
	"fmt"
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/metric"
)

// Outputs is what a model says of the examples of a set, and the truth, in their order.
type Outputs struct {
	Kind   Kind
	Logits [][]float32 // per example; of a regression the score, of multiple choice a logit for each option
	Gold   []int       // labels
	Scores []float64   // of a regression, in place of labels
}

// Classes is the label of the largest logit of each example.
func (o *Outputs) Classes() []int {
	pred := make([]int, len(o.Logits))
	for i, row := range o.Logits {
		pred[i] = kernel.Largest(row)
	}
	return pred
}

// Predicted is the score that the model gives each example.
func (o *Outputs) Predicted() []float64 {
	scores := make([]float64, len(o.Logits))
	for i, row := range o.Logits {
		scores[i] = float64(row[0])
	}
	return scores
}

// Loss is the mean cross-entropy in nats, or the mean squared error of a regression.
func (o *Outputs) Loss() float64 {
	sum := 0.0
	for i, row := range o.Logits {
		if !o.Kind.Labelled() {
			d := float64(row[0]) - o.Scores[i]
			sum += d * d
		} else {
			sum += kernel.LogSumExp(row) - float64(row[o.Gold[i]])
		}
	}
	return sum / float64(len(o.Logits))
}

// Score is the named metric, and what is reported with it.
func (o *Outputs) Score(name string) (value float64, also metric.Scores, err error) {
	if !o.Kind.Labelled() {
		return Correlate(name, o.Predicted(), o.Scores)
	}
	classes := 0
	if len(o.Logits) > 0 {
		classes = len(o.Logits[0])
	}
	return Score(name, o.Classes(), o.Gold, classes)
}

// Softmax is the probability of each class by its logit.
func Softmax[T kernel.Float](logits []T) []float64 {
	p, norm := make([]float64, len(logits)), kernel.LogSumExp(logits)
	for i, v := range logits {
		p[i] = math.Exp(float64(v) - norm)
	}
	return p
}

// Confusion counts examples by true label (row) and predicted label (column), and sums up
// each class; a regression has neither.
func (o *Outputs) Confusion(classes int) ([][]int, []metric.Class) {
	if !o.Kind.Labelled() {
		return nil, nil
	}
	pred := o.Classes()
	return metric.Confusion(pred, o.Gold, classes), metric.PerClass(pred, o.Gold, classes)
}

// A Verdict is what comes of a prediction beside the truth.
type Verdict int

// The verdicts. A score is Unjudged.
const (
	Unjudged Verdict = iota
	Right
	Wrong
)

// Verdict judges what is said of the i-th example.
func (o *Outputs) Verdict(i int) Verdict {
	switch {
	case !o.Kind.Labelled():
		return Unjudged
	case kernel.Largest(o.Logits[i]) == o.Gold[i]:
		return Right
	}
	return Wrong
}

// Truth is the label, or the score, of the i-th example in words.
func (o *Outputs) Truth(labels []string, i int) string {
	if !o.Kind.Labelled() {
		return fmt.Sprintf("%.2f", o.Scores[i])
	}
	return labels[o.Gold[i]]
}
