package problem

import (
	"math"
	"slices"
)

// Constant returns the named metric of the dev set's labels where every example is given
// one answer: the one for which the metric is best on o, the training set, of which the
// logits do not count. For the accuracy that is the commonest label; of labels by
// themselves the answers are the commonest one, the two commonest, and so on. Scores have
// no such answer, for what never varies correlates with nothing: ok is false and the value
// 0.
func (o *Outputs) Constant(name string, dev *Outputs, classes int) (value float64, ok bool, err error) {
	if !o.Kind.Labelled() {
		return 0, false, nil
	}
	best, most := []float32(nil), 0.0
	for _, answer := range o.constants(classes) {
		value, err := o.saying(answer).score(name)
		if err != nil {
			return 0, false, err
		}
		if best == nil || value > most {
			best, most = answer, value
		}
	}
	value, err = dev.saying(best).score(name)
	return value, err == nil, err
}

// constants are the answers that there are for all examples, as logits, of equals the
// preferred first.
func (o *Outputs) constants(classes int) (answers [][]float32) {
	several := o.Kind.Several()
	for _, class := range o.common(classes) {
		answer := slices.Repeat([]float32{-1}, classes)
		if several && len(answers) > 0 {
			copy(answer, answers[len(answers)-1])
		}
		answer[class] = 1
		answers = append(answers, answer)
	}
	return answers
}

// common lists the classes, those of most examples first, of equals the first.
func (o *Outputs) common(classes int) []int {
	counts, order := make([]int, classes), make([]int, classes)
	for _, label := range o.Gold {
		counts[label]++
	}
	for _, targets := range o.Targets {
		for _, class := range had(targets) {
			counts[class]++
		}
	}
	for class := range order {
		order[class] = class
	}
	slices.SortStableFunc(order, func(a, b int) int { return counts[b] - counts[a] })
	return order
}

// saying is the outputs with one answer for all examples.
func (o *Outputs) saying(answer []float32) *Outputs {
	said := *o
	said.Logits, said.Thresholds = slices.Repeat([][]float32{answer}, max(len(o.Gold), len(o.Targets))), nil
	return &said
}

// score is the value of Score alone.
func (o *Outputs) score(name string) (float64, error) {
	value, _, err := o.Score(name)
	return value, err
}

// Above tells whether the named metric of n examples is above that of one answer for all
// by more than two standard errors, and so hardly by chance. One answer for all questions
// is no better than one of the options drawn.
func (k Kind) Above(name string, value, constant float64, n, classes int) bool {
	if name == "matthews" || !k.Labelled() {
		return value > constant+2/math.Sqrt(float64(n)) // the standard error of a correlation where there is none
	}
	if k.Chosen() {
		constant = max(constant, 1/float64(classes))
	}
	return value > constant+2*math.Sqrt(constant*(1-constant)/float64(n))
}
