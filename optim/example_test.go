package optim_test

import (
	"fmt"

	"github.com/powerbert/powerbert/optim"
)

// The rate rises over the warm-up and falls to 0.
func ExampleSchedule_At() {
	s := optim.Schedule{Total: 10, Warmup: 2}
	for _, step := range []int{0, 1, 2, 6, 9, 10} {
		fmt.Printf("%.3f ", s.At(step))
	}
	fmt.Println()
	// Output:
	// 0.500 1.000 1.000 0.500 0.125 0.000
}
