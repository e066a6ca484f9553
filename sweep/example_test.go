package sweep_test

import (
	"fmt"
	"log"

	"github.com/powerbert/powerbert/sweep"
)

// A grid is keys with their values; commas within brackets are not between values.
func ExampleParseGrid() {
	grid, err := sweep.ParseGrid([]string{"seed=1,2,3", "retrain.retention=[8,4],[6,3]"})
	if err != nil {
		log.Fatal(err)
	}
	for _, axis := range grid {
		fmt.Println(axis.Key, len(axis.Values), axis.Values[0])
	}
	// Output:
	// seed 3 1
	// retrain.retention 2 [8,4]
}
