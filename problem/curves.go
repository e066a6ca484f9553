package problem

import (
	"github.com/powerbert/powerbert/metric"
)

// A Curve is a label's precision and recall over the threshold from which on it is said.
type Curve struct {
	Class  int                `json:"class"`
	At     float64            `json:"at"`     // the threshold at which it is said
	Points []metric.Threshold `json:"points"` // nil of a label that no example has
}

// thresholdPoints is how many thresholds a Curve has: the hundredths.
const thresholdPoints = 101

// Curves are those of each label where each is by itself, and of two labels that of the
// second; none of other kinds.
func (o *Outputs) Curves() (list []Curve) {
	switch {
	case o.Kind.Several():
		for class := range o.width() {
			points := metric.Thresholds(o.probabilities(class), o.having(class), thresholdPoints)
			list = append(list, Curve{class, threshold(o.Thresholds, class), points})
		}
	case o.Kind.Probable() && o.width() == 2:
		p, second := make([]float64, len(o.Logits)), make([]bool, len(o.Logits))
		for i, row := range o.Logits {
			p[i], second[i] = Softmax(row)[1], o.Gold[i] == 1
		}
		list = []Curve{{1, half, metric.Thresholds(p, second, thresholdPoints)}}
	}
	return list
}
