package budget

import (
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/retention"
)

// Family makes the lists of several budgets by the rule of a candidate, of the encoders that
// it has: the masses of the search scaled, or each encoder keeping the same part. Where its
// encoders cost less than a budget as they are, it keeps all word-vectors for that. It
// reports a budget that a single word-vector an encoder exceeds.
func (f *Field) Family(of string, shares []float64) (retention.Family, error) {
	shape, _ := f.shape(f.student(of, 0))
	all := slices.Repeat([]int{f.Length}, shape.Encoders)
	return retention.NewFamily(shares, func(share float64) ([]int, error) {
		c, ok := f.Candidate(of, share)
		switch {
		case share == 1 || ok && len(c.Keep) == 0:
			return all, nil
		case !ok:
			return nil, fmt.Errorf("%g of the multiply-adds is too little: with a single word-vector an encoder %s still costs %.3f", share, of, f.least(shape))
		}
		return c.Keep, nil
	})
}
