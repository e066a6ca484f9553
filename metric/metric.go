// Package metric scores predictions against the truth, on plain slices.
package metric

import (
	"math"
	"slices"
)

// Accuracy is the share of predictions that are right; NaN of none.
func Accuracy(pred, gold []int) float64 {
	right := 0
	for i, p := range pred {
		if p == gold[i] {
			right++
		}
	}
	return float64(right) / float64(len(pred))
}

// Confusion counts predictions: result[g][p] of gold class g were taken for p.
func Confusion(pred, gold []int, classes int) [][]int {
	counts := make([][]int, classes)
	for g := range counts {
		counts[g] = make([]int, classes)
	}
	for i, p := range pred {
		counts[gold[i]][p]++
	}
	return counts
}

// Class is how well one class is found.
type Class struct {
	Precision float64 `json:"precision"` // share of its predictions that are right; 0 of none
	Recall    float64 `json:"recall"`    // share of its examples that are found; 0 of none
	F1        float64 `json:"f1"`        // harmonic mean of the two; 0 if both are
	Support   int     `json:"support"`   // its examples
}

// PerClass scores each class by itself.
func PerClass(pred, gold []int, classes int) []Class {
	counts, out := Confusion(pred, gold, classes), make([]Class, classes)
	for c := range out {
		predicted := 0
		for g := range classes {
			predicted += counts[g][c]
			out[c].Support += counts[c][g]
		}
		right := float64(counts[c][c])
		out[c].Precision = ratio(right, float64(predicted))
		out[c].Recall = ratio(right, float64(out[c].Support))
		out[c].F1 = ratio(2*out[c].Precision*out[c].Recall, out[c].Precision+out[c].Recall)
	}
	return out
}

// ratio is a/b, 0 where b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// F1 is the F1 of class 1, the positive one of a binary task.
func F1(pred, gold []int) float64 {
	classes := 2
	if len(pred) > 0 {
		classes = max(classes, slices.Max(pred)+1, slices.Max(gold)+1)
	}
	return PerClass(pred, gold, classes)[1].F1
}

// MacroF1 is the mean F1 over all classes.
func MacroF1(pred, gold []int, classes int) float64 {
	sum := 0.0
	for _, c := range PerClass(pred, gold, classes) {
		sum += c.F1
	}
	return sum / float64(classes)
}

// Matthews is Matthews' correlation coefficient of a task with any number of
// classes (Gorodkin 2004); 0 where predictions or truth are all of one class.
func Matthews(pred, gold []int) float64 {
	classes := 1
	if len(pred) > 0 {
		classes = max(slices.Max(pred), slices.Max(gold)) + 1
	}
	n, right, cross, pp, gg := float64(len(pred)), 0.0, 0.0, 0.0, 0.0
	counts := Confusion(pred, gold, classes)
	for c := range classes {
		p, g := 0.0, 0.0
		for k := range classes {
			p += float64(counts[k][c])
			g += float64(counts[c][k])
		}
		right += float64(counts[c][c])
		cross, pp, gg = cross+p*g, pp+p*p, gg+g*g
	}
	return ratio(right*n-cross, math.Sqrt(n*n-pp)*math.Sqrt(n*n-gg))
}

// Pearson is the linear correlation of two series; 0 where one is constant.
func Pearson(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xy, xx, yy = xy+dx*dy, xx+dx*dx, yy+dy*dy
	}
	return ratio(xy, math.Sqrt(xx)*math.Sqrt(yy))
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// Spearman is Pearson of the ranks, ties sharing their mean rank.
func Spearman(x, y []float64) float64 { return Pearson(ranks(x), ranks(y)) }

func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if x[a] < x[b] {
			return -1
		}
		if x[a] > x[b] {
			return 1
		}
		return a - b
	})
	out := make([]float64, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j-1)/2 + 1
		}
		i = j
	}
	return out
}
