package budget

import (
	"slices"

	"github.com/powerbert/powerbert/retention"
)

// A Latency is a price in time, and what meets it (latency.json).
type Latency struct {
	Milliseconds float64     `json:"ms"` // that a batch may take
	Batch        int         `json:"batch"`
	Length       int         `json:"length"` // tokens of each of its examples
	Dense        float64     `json:"finetune_ms"`
	Asked        []string    `json:"asked"` // the experiment's candidates; none: it leaves them open
	Candidates   []Candidate `json:"candidates"`
}

// Same tells whether two are one price for the same candidates.
func (l *Latency) Same(other *Latency) bool {
	return l.Milliseconds == other.Milliseconds && l.Batch == other.Batch && l.Length == other.Length && slices.Equal(l.Asked, other.Asked)
}

// A Stopwatch measures the milliseconds that a batch takes in a model of a shape that keeps
// these counts; none: all word-vectors.
type Stopwatch func(s Shape, keep []int) (float64, error)

// halvings is how often a price is halved in: to a hundredth of dense BERT's multiply-adds.
const halvings = 7

// Within makes for each of some names the dearest candidate that takes no more than the
// milliseconds which are given, the nearest by so many measurements; no two of them are
// the same model. Without names those compete that do at the price of the geometric list
// which meets the time.
func (f *Field) Within(names []string, most float64, took Stopwatch) (list []Candidate, err error) {
	if len(names) == 0 {
		c, _, err := f.within(retention.ListGeometric, most, took) // of a share of 0 where none meets the time
		if err != nil {
			return nil, err
		}
		names = f.Names(c.Share)
	}
	for _, name := range names {
		c, ok, err := f.within(name, most, took)
		if err != nil {
			return nil, err
		}
		if ok && !slices.ContainsFunc(list, func(other Candidate) bool { return other.Same(&c) }) {
			list = append(list, c)
		}
	}
	return list, nil
}

// within is Within of one name; ok is false where nothing was found that meets the time.
func (f *Field) within(name string, most float64, took Stopwatch) (best Candidate, ok bool, err error) {
	try := func(price float64) (fits bool, err error) {
		c, makes := f.Candidate(name, price)
		if !makes {
			return true, nil // less than its least: look for it above
		}
		shape, _ := f.shape(c.Student)
		if c.Took, err = took(shape, c.Keep); err != nil || c.Took > most {
			return false, err
		}
		best, ok = c, true
		return true, nil
	}
	low, high := 0.0, 1.0
	if fits, err := try(high); fits || err != nil {
		return best, ok, err
	}
	for range halvings {
		middle := (low + high) / 2
		fits, err := try(middle)
		if err != nil {
			return best, false, err
		}
		if fits {
			low = middle
		} else {
			high = middle
		}
	}
	return best, ok, nil
}
