package estimate_test

import (
	"fmt"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/retention"
)

// What a configuration with absolute ranks saves depends on how long texts are: one of 16
// word-pieces loses none of them before the ninth encoder.
func ExampleMACs() {
	c := arch.DefaultBERT()
	power := retention.Elimination{Length: 64, Keep: []int{52, 47, 41, 36, 31, 26, 21, 17, 12, 9, 6, 4}}
	for _, length := range []int{64, 16} {
		texts := []data.Encoded{{IDs: make([]int32, length)}}
		dense, left := estimate.MACs(&c, &retention.Elimination{}, texts, 64), estimate.MACs(&c, &power, texts, 64)
		fmt.Printf("%d word-pieces: %.2f times fewer multiply-adds, %.2f padded to 64\n", length, dense.Real/left.Real, dense.Padded/left.Padded)
	}
	// Output:
	// 64 word-pieces: 2.29 times fewer multiply-adds, 2.29 padded to 64
	// 16 word-pieces: 1.13 times fewer multiply-adds, 2.29 padded to 64
}
