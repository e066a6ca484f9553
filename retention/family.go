package retention

import (
	"math"
	"slices"
)

// A Budget is a price, and how many word-vectors each encoder keeps for it.
type Budget struct {
	Share float64 `json:"share"`     // of the multiply-adds of dense BERT, at most
	Keep  []int   `json:"retention"` // l_1 … l_L
}

// A Family is the budgets that one set of weights is trained for, the largest first. Its
// lists are nested: a larger budget keeps at every encoder at least as many as a smaller one.
type Family []Budget

// NewFamily makes a family of budgets in any order: list is the counts of a budget. A list
// that keeps more somewhere than that of a larger budget is cut to it. It reports the error
// of list.
func NewFamily(shares []float64, list func(share float64) ([]int, error)) (Family, error) {
	var f Family
	for _, share := range slices.Backward(slices.Sorted(slices.Values(shares))) {
		keep, err := list(share)
		if err != nil {
			return nil, err
		}
		keep = slices.Clone(keep)
		if len(f) > 0 {
			for j, most := range f[len(f)-1].Keep {
				keep[j] = min(keep[j], most)
			}
		}
		f = append(f, Budget{share, keep})
	}
	return f, nil
}

// Shares are the budgets' prices, the largest first.
func (f Family) Shares() []float64 {
	list := make([]float64, len(f))
	for i := range f {
		list[i] = f[i].Share
	}
	return list
}

// Within is the largest budget that is no more than share; ok is false where none is.
func (f Family) Within(share float64) (b Budget, ok bool) {
	for _, b := range f {
		if b.Share <= share {
			return b, true
		}
	}
	return b, false
}

// Between is the counts at a place of the family, from 0, its smallest budget, to 1, its
// largest: along a line between the lists of the two budgets around it, rounded down. So it
// is nested with both.
func (f Family) Between(place float64) []int {
	least := f[len(f)-1]
	share := least.Share + place*(f[0].Share-least.Share)
	above := f[0]
	for _, below := range f[1:] {
		if below.Share <= share {
			return mixed(above.Keep, below.Keep, (share-below.Share)/(above.Share-below.Share))
		}
		above = below
	}
	return slices.Clone(least.Keep)
}

// mixed is so much of the way from the counts of low to those of high.
func mixed(high, low []int, way float64) []int {
	list := make([]int, len(low))
	for j, l := range low {
		list[j] = l + int(math.Floor(way*float64(high[j]-l)))
	}
	return list
}
