package predict_test

import (
	"fmt"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/predict"
)

// Two workers get as many tokens each: texts of 8 and 2, and of 5, 3 and 2.
func ExampleSplit() {
	var texts []data.Encoded
	for _, tokens := range []int{2, 8, 3, 5, 2} {
		texts = append(texts, data.Encoded{IDs: make([]int32, tokens)})
	}
	fmt.Println(predict.Split(texts, []int{0, 1, 2, 3, 4}, 2))
	// Output:
	// [[1 0] [3 2 4]]
}
