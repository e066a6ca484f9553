package problem

import (
	"slices"

	"github.com/powerbert/powerbert/metric"
)

// Interval is where the named metric would lie on more examples like these: Wilson's
// interval of the share that is right, of any other metric the bootstrap's. It reports the
// error of Score.
func (o *Outputs) Interval(name string) (metric.Interval, error) {
	if _, _, err := o.Score(name); err != nil {
		return metric.Interval{}, err
	}
	if name == "accuracy" {
		right := 0
		for i := range o.Logits {
			if o.Verdict(i) == Right {
				right++
			}
		}
		return metric.Wilson(right, len(o.Logits)), nil
	}
	return metric.Bootstrap(len(o.Logits), o.resampled(name)), nil
}

// Differences is how much more of the named metric the second outputs of pairs say than the
// first, in the mean over pairs, all of the same examples in one order: where that would lie on
// more examples like these, by the bootstrap, in which all have the same draws. It reports the
// error of Score.
func Differences(name string, pairs ...[2]*Outputs) (metric.Interval, error) {
	sides := make([][2]func(drawn []int) float64, len(pairs))
	for i, pair := range pairs {
		for k, side := range pair {
			if _, _, err := side.Score(name); err != nil {
				return metric.Interval{}, err
			}
			sides[i][k] = side.resampled(name)
		}
	}
	return metric.Bootstrap(len(pairs[0][0].Logits), func(drawn []int) (sum float64) {
		for _, side := range sides {
			sum += side[1](drawn) - side[0](drawn)
		}
		return sum / float64(len(sides))
	}), nil
}

// resampled returns what scores draws of the examples by a metric that is known; what is said
// of each is decided once.
func (o *Outputs) resampled(name string) func(drawn []int) float64 {
	switch {
	case o.Kind.Several() && name != meanAveragePrecision:
		pred, gold := o.tables()
		return func(drawn []int) float64 {
			value, _ := o.scoreTables(name, at(pred, drawn), at(gold, drawn))
			return value
		}
	case o.Kind.Several():
		return func(drawn []int) float64 { return o.Of(drawn).meanPrecision() }
	case o.Kind.Aimed():
		return func(drawn []int) float64 {
			value, _, _ := o.Of(drawn).correlate(name)
			return value
		}
	}
	pred := o.Classes()
	return func(drawn []int) float64 {
		value, _ := o.scoreClasses(name, at(pred, drawn), at(o.Gold, drawn))
		return value
	}
}

// Tells tells whether the named metric says anything of these examples. The F1 of a label
// that none of them has does not, nor does what sets labels or scores off against one another
// where all examples have the same.
func (o *Outputs) Tells(name string) bool {
	class, one := o.ofLabel(name)
	switch {
	case name == "accuracy":
		return true
	case o.Kind.Several():
		return slices.ContainsFunc(o.Targets, func(row []float64) bool {
			return one && row[class] > 0 || !one && len(had(row)) > 0
		})
	case o.Kind.Aimed():
		return o.varies()
	case name == "f1":
		return slices.Contains(o.Gold, 1)
	case one:
		return slices.Contains(o.Gold, class)
	}
	return slices.ContainsFunc(o.Gold, func(k int) bool { return k != o.Gold[0] })
}

// varies tells whether every score differs between examples.
func (o *Outputs) varies() bool {
	for k := range o.width() {
		if !slices.ContainsFunc(o.Targets, func(row []float64) bool { return row[k] != o.Targets[0][k] }) {
			return false
		}
	}
	return true
}
