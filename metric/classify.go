package metric

import (
	"math"
	"slices"
)

// Accuracy is the share of predictions that are right.
func Accuracy(pred, gold []int) float64 {
	right := 0
	for i, p := range pred {
		if p == gold[i] {
			right++
		}
	}
	return ratio(right, len(pred))
}

// F1 is that of class 1: the harmonic mean of its precision and recall, as
// GLUE scores MRPC and QQP.
func F1(pred, gold []int) float64 {
	hits, predicted, actual := 0, 0, 0
	for i, p := range pred {
		if p == 1 {
			predicted++
		}
		if gold[i] == 1 {
			actual++
			if p == 1 {
				hits++
			}
		}
	}
	return ratio(2*hits, predicted+actual)
}

// MacroF1 is the mean F1 of the classes 0 … classes−1 that occur in pred or gold.
func MacroF1(pred, gold []int, classes int) float64 {
	sum, seen := 0.0, 0
	for k, c := range PerClass(pred, gold, classes) {
		if c.Support > 0 || slices.Contains(pred, k) {
			sum += c.F1
			seen++
		}
	}
	return sum / float64(max(seen, 1))
}

// Matthews is the correlation of predicted and true classes, from −1 to 1:
//
//	(c·s − Σ_k p_k·t_k) / √((s² − Σ p_k²)·(s² − Σ t_k²))
//
// with c right of s predictions, p_k predictions and t_k examples of class k
// (Gorodkin 2004). For two classes it is Matthews' φ, as GLUE scores CoLA.
func Matthews(pred, gold []int) float64 {
	classes := 0
	for i := range pred {
		classes = max(classes, pred[i]+1, gold[i]+1)
	}
	var c, pt, pp, tt float64
	s := float64(len(pred))
	for k, row := range Confusion(pred, gold, classes) {
		p, t := float64(occurrences(pred, k)), float64(occurrences(gold, k))
		c += float64(row[k])
		pt, pp, tt = pt+p*t, pp+p*p, tt+t*t
	}
	spread := math.Sqrt((s*s - pp) * (s*s - tt))
	if spread == 0 {
		return 0
	}
	return (c*s - pt) / spread
}

func occurrences(labels []int, k int) int {
	n := 0
	for _, l := range labels {
		if l == k {
			n++
		}
	}
	return n
}

// Confusion counts the examples of each class (row) that were predicted to be
// of each class (column).
func Confusion(pred, gold []int, classes int) [][]int {
	counts := make([][]int, classes)
	for k := range counts {
		counts[k] = make([]int, classes)
	}
	for i, p := range pred {
		counts[gold[i]][p]++
	}
	return counts
}

// A Class is how well one class is found.
type Class struct {
	Precision float64 `json:"precision"` // right share of its predictions
	Recall    float64 `json:"recall"`    // found share of its examples
	F1        float64 `json:"f1"`        // harmonic mean of the two
	Support   int     `json:"support"`   // its examples
	*Alone            // of a label by itself; nil of one among others
}

// PerClass is how well each of the classes 0 … classes−1 is found.
func PerClass(pred, gold []int, classes int) []Class {
	confusion := Confusion(pred, gold, classes)
	predicted := make([]int, classes)
	for _, row := range confusion {
		for k, n := range row {
			predicted[k] += n
		}
	}
	list := make([]Class, classes)
	for k, row := range confusion {
		actual := 0
		for _, n := range row {
			actual += n
		}
		list[k] = Class{
			Precision: ratio(row[k], predicted[k]),
			Recall:    ratio(row[k], actual),
			F1:        ratio(2*row[k], predicted[k]+actual),
			Support:   actual,
		}
	}
	return list
}

// ratio is 0 for nothing of nothing.
func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
