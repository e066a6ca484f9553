package metric

import (
	"cmp"
	"slices"
)

// A Binary counts examples by whether they have a label and whether it is said of them.
type Binary struct {
	TrueNegatives  int `json:"true_negatives"`
	FalsePositives int `json:"false_positives"` // said of examples that have it not
	FalseNegatives int `json:"false_negatives"` // not said of examples that have it
	TruePositives  int `json:"true_positives"`
}

// Alone is what else there is to know of a label that is told by itself.
type Alone struct {
	Binary
	AveragePrecision float64 `json:"average_precision"`
	Threshold        float64 `json:"threshold"` // least probability at which it is said
}

// Binaries counts for each of so many labels, given whether each is said of each example,
// and whether the example has it: pred and gold are (examples, labels).
func Binaries(pred, gold [][]bool, labels int) []Binary {
	counts := make([]Binary, labels)
	for i, row := range pred {
		for k, said := range row {
			counts[k].add(said, gold[i][k])
		}
	}
	return counts
}

// add counts one answer.
func (b *Binary) add(said, has bool) {
	switch {
	case said && has:
		b.TruePositives++
	case said:
		b.FalsePositives++
	case has:
		b.FalseNegatives++
	default:
		b.TrueNegatives++
	}
}

// Class returns how well the label is found.
func (b *Binary) Class() Class {
	predicted, actual := b.TruePositives+b.FalsePositives, b.TruePositives+b.FalseNegatives
	return Class{
		Precision: ratio(b.TruePositives, predicted),
		Recall:    ratio(b.TruePositives, actual),
		F1:        ratio(2*b.TruePositives, predicted+actual),
		Support:   actual,
	}
}

// occurs tells whether an example has the label, or it is said of one.
func (b *Binary) occurs() bool { return b.TruePositives+b.FalsePositives+b.FalseNegatives > 0 }

// MicroF1 returns the F1 of all answers together, whatever their label.
func MicroF1(counts []Binary) float64 {
	var all Binary
	for _, b := range counts {
		all.TruePositives += b.TruePositives
		all.FalsePositives += b.FalsePositives
		all.FalseNegatives += b.FalseNegatives
	}
	return all.Class().F1
}

// MacroOfLabels returns the means over the labels that examples have or that are said of
// them, and which labels are not found. Labels by themselves have no balanced accuracy.
func MacroOfLabels(counts []Binary) (m Macro) {
	seen := 0
	for k, b := range counts {
		if !b.occurs() {
			continue
		}
		seen++
		c := b.Class()
		m.Precision, m.Recall, m.F1 = m.Precision+c.Precision, m.Recall+c.Recall, m.F1+c.F1
		if c.Support > 0 && b.TruePositives == 0 {
			m.NotFound = append(m.NotFound, k)
		}
		if c.Support > 0 && b.TruePositives+b.FalsePositives == 0 {
			m.NeverPredicted = append(m.NeverPredicted, k)
		}
	}
	n := float64(max(seen, 1))
	m.Precision, m.Recall, m.F1 = m.Precision/n, m.Recall/n, m.F1/n
	return m
}

// SampleF1 returns the mean over the examples of the F1 of what is said of each; where an
// example has no labels and none is said of it, that is 1.
func SampleF1(pred, gold [][]bool) float64 {
	sum := 0.0
	for i, row := range pred {
		var b Binary
		for k, said := range row {
			b.add(said, gold[i][k])
		}
		if !b.occurs() {
			sum++
		}
		sum += b.Class().F1
	}
	return sum / float64(max(len(pred), 1))
}

// ExactMatch returns the share of examples of which all labels are right.
func ExactMatch(pred, gold [][]bool) float64 {
	right := 0
	for i, row := range pred {
		if slices.Equal(row, gold[i]) {
			right++
		}
	}
	return ratio(right, len(pred))
}

// AveragePrecision returns the mean of the precisions at the examples that have a label,
// those of the highest scores first:
//
//	Σ_n (R_n − R_{n−1})·P_n
//
// with recall R_n and precision P_n at the n-th distinct score, which equals share. It is
// 0 of a label that no example has.
func AveragePrecision(scores []float64, gold []bool) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	sum, hits, before := 0.0, 0, 0
	for n, i := range order {
		if gold[i] {
			hits++
		}
		if n+1 == len(order) || scores[order[n+1]] != scores[i] {
			sum += float64(hits-before) * ratio(hits, n+1)
			before = hits
		}
	}
	return sum / float64(max(hits, 1))
}
