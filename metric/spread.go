package metric

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A Spread is a figure over several runs.
type Spread struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"` // standard deviation of the sample (n−1); 0 of a single run
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
	N    int     `json:"n"`
}

// SpreadOf is the spread of one value or more.
func SpreadOf(values []float64) Spread {
	s := Spread{Min: slices.Min(values), Max: slices.Max(values), N: len(values)}
	for _, v := range values {
		s.Mean += v / float64(s.N)
	}
	s.Mean = min(max(s.Mean, s.Min), s.Max) // whatever rounding does
	for _, v := range values {
		s.SD += (v - s.Mean) * (v - s.Mean)
	}
	s.SD = math.Sqrt(s.SD / float64(max(s.N-1, 1)))
	return s
}

// Text writes the mean times a factor, with its deviation where several runs have it.
func (s Spread) Text(format string, factor float64) string {
	if s.N == 1 {
		return fmt.Sprintf(format, factor*s.Mean)
	}
	return fmt.Sprintf(format+" ± "+format, factor*s.Mean, factor*s.SD)
}

// A Range is the middle and the ends of several measurements of one thing.
type Range struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// RangeOf is the range of one value or more.
func RangeOf(values []float64) Range {
	return Range{Median: Median(values), Min: slices.Min(values), Max: slices.Max(values)}
}

// Text writes the median, and the ends in brackets, with so many digits behind the point.
func (r Range) Text(digits int) string {
	return fmt.Sprintf("%.*f [%.*f–%.*f]", digits, r.Median, digits, r.Min, digits, r.Max)
}

// Times multiplies the range by a factor above 0.
func (r Range) Times(factor float64) Range {
	return Range{factor * r.Median, factor * r.Min, factor * r.Max}
}

// Over returns how many times more this measures than another: the ratio of the medians,
// between the least and the greatest that the ends allow.
func (r Range) Over(other Range) Range {
	return Range{r.Median / other.Median, r.Min / other.Max, r.Max / other.Min}
}

// Holds tells whether a value lies within the range.
func (r Range) Holds(value float64) bool { return r.Min <= value && value <= r.Max }

// Ratios divides measurements by others of the same rounds, round by round.
func Ratios(of, to []float64) []float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i] / to[i]
	}
	return ratios
}

// Median is the middle of one value or more: of an even number, the mean of the middle two.
func Median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// Percentile is the smallest of sorted values that is not below so many per cent of
// them (nearest rank).
func Percentile[T cmp.Ordered](sorted []T, percent int) T {
	rank := (percent*len(sorted) + 99) / 100 // rounded up
	return sorted[max(rank, 1)-1]
}
