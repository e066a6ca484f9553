package retention_test

import (
	"fmt"

	"github.com/powerbert/powerbert/retention"
)

// The r of a search becomes masses, and these become how many word-vectors each encoder keeps.
func ExampleConfigure() {
	r := []float64{ // two encoders, five ranks
		1, 1, 0.8, 0.4, 0,
		1, 0.3, 0.1, 0, 0,
	}
	mass := retention.Mass(r, 5)
	fmt.Printf("%.1f %v\n", mass, retention.Configure(mass, false))
	// Output:
	// [3.2 1.4] [4 2]
}

// A list by a rule keeps the same part everywhere.
func ExampleGeometric() {
	fmt.Println(retention.Geometric(3, 64, 0.5))
	// Output:
	// [32 16 8]
}
