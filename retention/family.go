package retention

import "slices"

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

// Lists are the counts of the budgets, the largest first, each list once: students keep all
// at every budget that they do not use up.
func (f Family) Lists() [][]int {
	var lists [][]int
	for _, b := range f {
		lists = append(lists, b.Keep)
	}
	return slices.CompactFunc(lists, slices.Equal)
}
