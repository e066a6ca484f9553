package mistakes_test

import (
	"fmt"

	"github.com/powerbert/powerbert/predict/mistakes"
)

// Of a confusion, true label by said label, the pairs that are taken for one another.
func ExamplePairs() {
	confusion := [][]int{
		{8, 2, 0},
		{0, 9, 1},
		{0, 5, 5},
	}
	for _, c := range mistakes.Pairs([]string{"world", "business", "science"}, confusion) {
		fmt.Printf("%s for %s: %d of %d\n", c.Said, c.True, c.Examples, c.Of)
	}
	// Output:
	// business for science: 5 of 10
	// business for world: 2 of 10
	// science for business: 1 of 10
}
