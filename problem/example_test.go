package problem_test

import (
	"fmt"

	"github.com/powerbert/powerbert/problem"
)

// A temperature above 1 takes certainty away, and changes no label.
func ExampleTempered() {
	logits := [][]float32{{0, 3}}
	for _, t := range []float64{1, 2} {
		fmt.Printf("T = %g: %.3f\n", t, problem.Softmax(problem.Tempered(logits, t)[0]))
	}
	// Output:
	// T = 1: [0.047 0.953]
	// T = 2: [0.182 0.818]
}
