package metric

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// An Interval is where a figure of more examples like these would lie, with 95 % confidence.
type Interval struct {
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Method string  `json:"method"` // MethodWilson or MethodBootstrap
}

// The ways to an interval.
const (
	MethodWilson    = "wilson"
	MethodBootstrap = "bootstrap"
)

// quantile95 is the 97.5 % quantile of the normal distribution.
const quantile95 = 1.959963984540054

// Wilson is the score interval of a share of right ones among n (Wilson 1927), which holds
// for few examples and for shares near 0 and 1, too:
//
//	(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)        with p = right/n
//
// Of no examples it is from 0 to 1.
func Wilson(right, n int) Interval {
	if n == 0 {
		return Interval{0, 1, MethodWilson}
	}
	p, m, z2 := float64(right)/float64(n), float64(n), quantile95*quantile95
	middle, half := p+z2/(2*m), quantile95*math.Sqrt(p*(1-p)/m+z2/(4*m*m))
	return Interval{max(0, (middle-half)/(1+z2/m)), min(1, (middle+half)/(1+z2/m)), MethodWilson}
}

// Resamples is how many times a bootstrap draws.
const Resamples = 1000

// Bootstrap is the percentile interval (Efron 1979) of what score makes of n examples: the
// 2.5th and the 97.5th percentile over Resamples draws of n of them with replacement. The
// draws are the same every time, and scored on all cores at once.
func Bootstrap(n int, score func(drawn []int) float64) Interval {
	values, cores := make([]float64, Resamples), runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for c := range cores {
		wait.Go(func() {
			drawn := make([]int, n)
			for k := c; k < Resamples; k += cores {
				source := rand.New(rand.NewPCG(uint64(n), uint64(k)))
				for i := range drawn {
					drawn[i] = source.IntN(n)
				}
				values[k] = score(drawn)
			}
		})
	}
	wait.Wait()
	slices.Sort(values)
	const tail = Resamples / 40
	return Interval{values[tail-1], values[Resamples-tail], MethodBootstrap}
}

// Pooled is the mean of figures, and the interval around it where their own are of different
// examples: half their widths add up as variances.
func Pooled(figures []float64, of []Interval) (mean float64, i Interval) {
	n, variance := float64(len(of)), 0.0
	for i, v := range of {
		mean += figures[i] / n
		variance += math.Pow((v.High-v.Low)/2, 2)
	}
	half := math.Sqrt(variance) / n
	return mean, Interval{mean - half, mean + half, MethodBootstrap}
}

// Holds tells whether a value lies within the interval.
func (v Interval) Holds(value float64) bool { return v.Low <= value && value <= v.High }
