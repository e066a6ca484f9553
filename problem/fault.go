package problem

import (
	"cmp"
	"slices"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A Fault is a wrong answer, and how surely it is given.
type Fault struct {
	Example     int     // its index
	Class       int     // that is said; of labels by themselves the one that is most surely wrong; of scores 0
	Missed      bool    // of labels by themselves: the example has the class, and it is not said
	Probability float64 // of the class; 0 of scores
	Loss        float64 // of the truth, in nats; of labels by themselves that of Class, of scores the mean squared error
}

// Faults lists the wrong answers, the surest first: of one label by the probability of what
// is said, of labels by themselves by the loss of the worst, of scores, where each that is
// not met is wrong, by the error. Equals stay in the order of the set.
func (o *Outputs) Faults() (list []Fault) {
	for i := range o.Logits {
		if f, wrong := o.fault(i); wrong {
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b Fault) int {
		if o.Kind.Aimed() {
			return cmp.Compare(b.Loss, a.Loss)
		}
		return cmp.Compare(b.Probability, a.Probability)
	})
	return list
}

// fault is what is wrong with the answer to the i-th example, if it is.
func (o *Outputs) fault(i int) (f Fault, wrong bool) {
	row := o.Logits[i]
	switch {
	case o.Kind.Several():
		f = o.worst(i)
		return f, f.Loss > 0
	case o.Kind.Aimed():
		loss := o.Of([]int{i}).Loss()
		return Fault{Example: i, Loss: loss}, loss > 0
	}
	class := kernel.Largest(row)
	return Fault{Example: i, Class: class, Probability: Softmax(row)[class], Loss: kernel.LogSumExp(row) - float64(row[o.Gold[i]])}, class != o.Gold[i]
}

// worst is the wrong answer with the largest loss among labels that are each by itself; its
// loss is 0 where none is wrong.
func (o *Outputs) worst(i int) Fault {
	f := Fault{Example: i}
	yes := said(o.Logits[i], o.Thresholds)
	for class, v := range o.Logits[i] {
		y := o.Targets[i][class]
		loss := BinaryCrossEntropy(float64(v), y)
		if yes[class] != (y > 0) && loss > f.Loss {
			f = Fault{i, class, y > 0, kernel.Sigmoid(float64(v)), loss}
		}
	}
	return f
}

// Of returns the outputs of some of the examples, by their indices, which may repeat.
func (o *Outputs) Of(examples []int) *Outputs {
	some := *o
	some.Logits = at(o.Logits, examples)
	if o.Kind.Aimed() {
		some.Targets = at(o.Targets, examples)
	} else {
		some.Gold = at(o.Gold, examples)
	}
	return &some
}

// at lists the values at some places.
func at[T any](values []T, places []int) []T {
	list := make([]T, len(places))
	for i, place := range places {
		list[i] = values[place]
	}
	return list
}
