package problem

import (
	"cmp"
	"slices"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/metric"
)

// half is the least probability of a label that is said where none is tuned.
const half = 0.5

// threshold returns that of a class.
func threshold(thresholds []float64, class int) float64 {
	if thresholds == nil {
		return half
	}
	return thresholds[class]
}

// said tells of each class whether its probability, the sigmoid of its logit, reaches its
// threshold.
func said(logits []float32, thresholds []float64) []bool {
	list := make([]bool, len(logits))
	for class, v := range logits {
		list[class] = kernel.Sigmoid(float64(v)) >= threshold(thresholds, class)
	}
	return list
}

// tables returns what is said of each example, label by label, and what is so.
func (o *Outputs) tables() (pred, gold [][]bool) {
	for i, row := range o.Logits {
		truth := make([]bool, len(row))
		for _, class := range had(o.Targets[i]) {
			truth[class] = true
		}
		pred, gold = append(pred, said(row, o.Thresholds)), append(gold, truth)
	}
	return pred, gold
}

// scoreSeveral returns the named metric of labels that are each by itself; ok is false of a
// name that is none of theirs.
func (o *Outputs) scoreSeveral(name string) (value float64, ok bool) {
	if name == meanAveragePrecision {
		return o.meanPrecision(), true
	}
	pred, gold := o.tables()
	return o.scoreTables(name, pred, gold)
}

// meanAveragePrecision is the metric that goes by probabilities, and not by what is said.
const meanAveragePrecision = "map"

// scoreTables is scoreSeveral of what is said of some examples, and what is so.
func (o *Outputs) scoreTables(name string, pred, gold [][]bool) (value float64, ok bool) {
	counts := metric.Binaries(pred, gold, o.width())
	switch name {
	case "micro_f1":
		return metric.MicroF1(counts), true
	case "macro_f1":
		return metric.MacroOfLabels(counts).F1, true
	case "sample_f1":
		return metric.SampleF1(pred, gold), true
	case "accuracy":
		return metric.ExactMatch(pred, gold), true
	}
	if class, ok := o.ofLabel(name); ok {
		return counts[class].Class().F1, true
	}
	return 0, false
}

// meanPrecision returns the mean of the average precisions of the labels that examples
// have.
func (o *Outputs) meanPrecision() float64 {
	sum, labels := 0.0, 0
	for class := range o.width() {
		if gold := o.having(class); slices.Contains(gold, true) {
			sum += metric.AveragePrecision(o.column(class), gold)
			labels++
		}
	}
	return sum / float64(max(labels, 1))
}

// having tells of each example whether it has a class.
func (o *Outputs) having(class int) []bool {
	gold := make([]bool, len(o.Targets))
	for i, row := range o.Targets {
		gold[i] = row[class] > 0
	}
	return gold
}

// byLabel sums up each label.
func (o *Outputs) byLabel() []metric.Class {
	pred, gold := o.tables()
	list := make([]metric.Class, o.width())
	for class, counts := range metric.Binaries(pred, gold, o.width()) {
		list[class] = counts.Class()
		list[class].Alone = &metric.Alone{Binary: counts, Threshold: threshold(o.Thresholds, class),
			AveragePrecision: metric.AveragePrecision(o.column(class), o.having(class))}
	}
	return list
}

// Tune sets the threshold of each label to the one by which its F1 on these examples is
// best (SCut: Yang 2001; Fan and Lin 2007), which is what makes the macro F1 best. It lies
// midway between two probabilities, or at 1/2 where that is as good. A label that none of
// the examples has keeps 1/2. What is no MultiLabel has no thresholds.
func (o *Outputs) Tune() {
	if !o.Kind.Several() {
		return
	}
	o.Thresholds = make([]float64, o.width())
	for class := range o.Thresholds {
		o.Thresholds[class] = bestThreshold(o.probabilities(class), o.having(class))
	}
}

// probabilities returns that of a class of each example, where each is by itself.
func (o *Outputs) probabilities(class int) []float64 {
	p := o.column(class)
	for i, v := range p {
		p[i] = kernel.Sigmoid(v)
	}
	return p
}

// bestThreshold returns that of the best F1: of equals the one nearest to 1/2.
func bestThreshold(p []float64, gold []bool) float64 {
	order := make([]int, len(p))
	positives := 0
	for i, has := range gold {
		order[i] = i
		if has {
			positives++
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	best, at, hits := 0.0, half, 0
	for n, i := range order {
		below := 0.0
		if gold[i] {
			hits++
		}
		if n+1 < len(order) {
			if below = p[order[n+1]]; below == p[i] {
				continue
			}
		}
		f1, cut := 2*float64(hits)/float64(n+1+positives), between(below, p[i])
		if f1 > best || f1 == best && f1 > 0 && fromHalf(cut) < fromHalf(at) {
			best, at = f1, cut
		}
	}
	return at
}

// between returns 1/2 where that parts low from high, else what lies midway.
func between(low, high float64) float64 {
	if low < half && half <= high {
		return half
	}
	return (low + high) / 2
}

// fromHalf is how far a threshold is from 1/2.
func fromHalf(t float64) float64 { return max(t-half, half-t) }
