package problem

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/metric"
)

// Outputs is what a model says of the examples of a set, and the truth, in their order.
type Outputs struct {
	Kind       Kind
	Labels     []string    // names of the outputs, or of the options; nil where nobody asks for one by its name
	Logits     [][]float32 // per example; of a regression the scores, of multiple choice a logit for each option
	Gold       []int       // labels
	Targets    [][]float64 // of what is Aimed, in place of Gold: the scores, or 1 for each label that the example has, else 0
	Thresholds []float64   // of MultiLabel: least probability of each label that is said; nil: 1/2
}

// Expect adds the truth of one more example: its label, or the targets of what is Aimed.
func (o *Outputs) Expect(label int, targets []float64) {
	if o.Kind.Aimed() {
		o.Targets = append(o.Targets, targets)
		return
	}
	o.Gold = append(o.Gold, label)
}

// Classes is the label of the largest logit of each example.
func (o *Outputs) Classes() []int {
	pred := make([]int, len(o.Logits))
	for i, row := range o.Logits {
		pred[i] = kernel.Largest(row)
	}
	return pred
}

// Loss is the mean cross-entropy in nats, or the mean squared error of a regression. Of
// several outputs that are each by itself it is the mean over them, too.
func (o *Outputs) Loss() float64 {
	sum := 0.0
	for i, row := range o.Logits {
		switch {
		case !o.Kind.Aimed():
			sum += kernel.LogSumExp(row) - float64(row[o.Gold[i]])
		case o.Kind.Several():
			for k, v := range row {
				sum += BinaryCrossEntropy(float64(v), o.Targets[i][k]) / float64(len(row))
			}
		default:
			for k, v := range row {
				d := float64(v) - o.Targets[i][k]
				sum += d * d / float64(len(row))
			}
		}
	}
	return sum / float64(len(o.Logits))
}

// BinaryCrossEntropy is −y·log σ(x) − (1 − y)·log σ(−x) of a logit x and a target y in
// [0, 1], in nats.
func BinaryCrossEntropy(x, y float64) float64 {
	return max(x, 0) - x*y + math.Log1p(math.Exp(-math.Abs(x)))
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
// each class. A regression has neither, and labels by themselves have no columns.
func (o *Outputs) Confusion(classes int) ([][]int, []metric.Class) {
	switch {
	case o.Kind.Several():
		return nil, o.byLabel()
	case o.Kind.Aimed():
		return nil, nil
	}
	pred := o.Classes()
	return metric.Confusion(pred, o.Gold, classes), metric.PerClass(pred, o.Gold, classes)
}

// Macro is the means over the labels of a Confusion; nil of a regression.
func (o *Outputs) Macro(confusion [][]int, classes []metric.Class) *metric.Macro {
	var m metric.Macro
	switch {
	case o.Kind.Several():
		counts := make([]metric.Binary, len(classes))
		for i, c := range classes {
			counts[i] = c.Binary
		}
		m = metric.MacroOfLabels(counts)
	case o.Kind.Aimed():
		return nil
	default:
		m = metric.MacroOf(confusion, classes)
	}
	return &m
}

// A Verdict is what comes of a prediction beside the truth.
type Verdict int

// The verdicts. A score is Unjudged.
const (
	Unjudged Verdict = iota
	Right
	Wrong
)

// Verdict judges what is said of the i-th example: of labels by themselves all of it.
func (o *Outputs) Verdict(i int) Verdict {
	right := false
	switch {
	case o.Kind.Several():
		right = slices.Equal(had(o.Targets[i]), o.answers(o.Logits[i]))
	case o.Kind.Aimed():
		return Unjudged
	default:
		right = kernel.Largest(o.Logits[i]) == o.Gold[i]
	}
	if right {
		return Right
	}
	return Wrong
}

// Truth writes the label, the labels or the scores that the i-th example has.
func (o *Outputs) Truth(labels []string, i int) string {
	switch {
	case o.Kind.Several():
		return strings.Join(pick(labels, had(o.Targets[i])), ", ")
	case o.Kind.Aimed():
		scores := make([]string, len(o.Targets[i]))
		for k, score := range o.Targets[i] {
			scores[k] = fmt.Sprintf("%.2f", score)
		}
		return strings.Join(scores, ", ")
	}
	return labels[o.Gold[i]]
}

// had lists the classes that an example has by its targets.
func had(targets []float64) (classes []int) {
	for class, y := range targets {
		if y > 0 {
			classes = append(classes, class)
		}
	}
	return classes
}

// pick lists the names of classes.
func pick(labels []string, classes []int) (names []string) {
	for _, class := range classes {
		names = append(names, labels[class])
	}
	return names
}
