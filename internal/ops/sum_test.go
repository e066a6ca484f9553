package ops

import (
	"strings"
	"testing"
)

// What cannot add to a sum is refused, by its name, and leaves the sum as it is.
func TestSumRefusesOtherOps(t *testing.T) {
	y, err := GELU[float64](Input(NewGraph(), "x", make([]float64, 6), 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	s := NewSum[float64]()
	err = s.Add(make([]float64, 6), []Part{{Node: y}})
	if err == nil || !strings.HasPrefix(err.Error(), "ops: the gradient gelu#") || len(s.params) != 0 {
		t.Errorf("got error %v and %d parameters", err, len(s.params))
	}
}
