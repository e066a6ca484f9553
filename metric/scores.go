package metric

import (
	"maps"
	"slices"
)

// Scores are values by the name of their metric.
type Scores map[string]float64

// Names are those of the metrics, in order.
func (s Scores) Names() []string { return slices.Sorted(maps.Keys(s)) }

// With is the scores and one more.
func (s Scores) With(name string, value float64) Scores {
	all := maps.Clone(s)
	if all == nil {
		all = Scores{}
	}
	all[name] = value
	return all
}
