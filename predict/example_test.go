package predict_test

import (
	"fmt"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/predict"
)

// Two workers get as many tokens each: texts of 8 and 2, and of 5, 3 and 2. Padded to 8 rows
// all cost the same, and it is the number of texts that is dealt out.
func ExampleSplit() {
	var texts []data.Encoded
	for _, tokens := range []int{2, 8, 3, 5, 2, 1} {
		texts = append(texts, data.Encoded{IDs: make([]int32, tokens)})
	}
	fmt.Println(predict.Split(texts, []int{0, 1, 2, 3, 4}, 2, 0))
	fmt.Println(predict.Split(texts, []int{0, 1, 2, 3, 4, 5}, 2, 8))
	// Output:
	// [[1 0] [3 2 4]]
	// [[0 2 4] [1 3 5]]
}
