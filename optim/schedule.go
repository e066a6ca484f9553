package optim

// Schedule is the factor that the learning rates have at each step t = 0 …
// Total−1: a linear rise to 1 over the first Warmup steps,
//
//	(t+1) / Warmup
//
// and then a linear fall towards 0 at Total. By default it falls from 1,
//
//	(Total−t) / (Total−Warmup)
//
// with IBM as in the paper's code, where the rate drops at the end of warm-up:
//
//	1 − t/Total
//
// No step has factor 0, so none is without effect.
type Schedule struct {
	Total  int  // optimiser steps of the stage
	Warmup int  // of which the first are warm-up
	IBM    bool // the schedule of the authors' code
}

// At is the factor of step t; 0 from Total on.
func (s Schedule) At(t int) float64 {
	switch {
	case t < 0 || t >= s.Total:
		return 0
	case t < s.Warmup:
		return float64(t+1) / float64(s.Warmup)
	case s.IBM:
		return 1 - float64(t)/float64(s.Total)
	}
	return float64(s.Total-t) / float64(s.Total-s.Warmup)
}

// Sum is the sum of all factors. Times a learning rate it is the travel budget:
// about the farthest that Adam moves a weight whose gradient never changes sign.
func (s Schedule) Sum() float64 {
	var sum float64
	for t := range s.Total {
		sum += s.At(t)
	}
	return sum
}
