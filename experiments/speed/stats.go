package main

import (
	"math"
	"slices"

	"github.com/powerbert/powerbert/metric"
)

// An Interval holds the median of the numbers that some were drawn from, with
// a probability of Coverage.
type Interval struct {
	Median   float64 `json:"median"` // of those that were drawn
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Coverage float64 `json:"coverage"`
}

// interval is that of the sign test (David and Nagaraja, Order Statistics,
// section 7.1). The true median lies below the k-th smallest of n values where
// fewer than k fall below it, and each does so as a coin falls. Of the intervals
// from the k-th smallest to the k-th largest this is the shortest that covers 95 %
// or more; below 6 values none does, and it is the longest.
func interval(values []float64) *Interval {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	k, below := 1, math.Exp2(-float64(n)) // below = P(fewer than k of n)
	for probability := below; ; k++ {
		probability *= float64(n-k+1) / float64(k) // P(k of n)
		if below+probability > 0.025 {
			break
		}
		below += probability
	}
	return &Interval{metric.Median(s), s[k-1], s[n-k], max(0, 1-2*below)}
}
