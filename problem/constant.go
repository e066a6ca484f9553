package problem

import (
	"math"
	"slices"
)

// Constant is the named metric of the dev set's labels where every example is given one
// answer: the label for which the metric is best on the training set's, which for the
// accuracy is the commonest. ok is false, and the value 0, where no answer is for all: a
// score that never varies correlates with nothing.
func (k Kind) Constant(name string, train, dev []int, classes int) (value float64, ok bool, err error) {
	if !k.Labelled() {
		return 0, false, nil
	}
	of := func(label int, gold []int) (float64, error) {
		value, _, err := Score(name, slices.Repeat([]int{label}, len(gold)), gold, classes)
		return value, err
	}
	best := commonest(train, classes) // of labels that are as good
	most, err := of(best, train)
	if err != nil {
		return 0, false, err
	}
	for label := range classes {
		if value, _ := of(label, train); value > most {
			best, most = label, value
		}
	}
	value, err = of(best, dev)
	return value, err == nil, err
}

// commonest is the label that most examples have, the first of those that are as common.
func commonest(gold []int, classes int) int {
	counts := make([]int, classes)
	for _, label := range gold {
		counts[label]++
	}
	return slices.Index(counts, slices.Max(counts))
}

// Above tells whether the named metric of n examples is above that of one answer for all
// by more than two standard errors, and so hardly by chance. Of so many options the one
// answer is no better than drawn.
func (k Kind) Above(name string, value, constant float64, n, classes int) bool {
	if name == "matthews" || !k.Labelled() {
		return value > constant+2/math.Sqrt(float64(n)) // the standard error of a correlation where there is none
	}
	if k.Chosen() {
		constant = max(constant, 1/float64(classes))
	}
	return value > constant+2*math.Sqrt(constant*(1-constant)/float64(n))
}
