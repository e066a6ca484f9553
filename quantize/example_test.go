package quantize_test

import (
	"context"
	"fmt"
	"log"

	"github.com/powerbert/powerbert/quantize"
)

// The int8 model of a stage lies beside it; where the two precisions differ by more than the
// bound, the layers that cost most stay in float32.
func ExampleJob_Run() {
	c, err := quantize.Job{Dir: "runs/demo/retrain", Bound: quantize.DefaultBound}.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Left)
}
