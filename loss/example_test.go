package loss_test

import (
	"fmt"
	"log"

	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/loss"
)

// The masses of two encoders are 1.5 and 0.5, and count once and twice: 0.1·(1·1.5 + 2·0.5).
func ExamplePenalty() {
	g := ops.NewGraph()
	r := []*ops.Node{ops.Input(g, "r1", []float64{1, 0.5}, 2), ops.Input(g, "r2", []float64{0.5, 0}, 2)}
	p, err := loss.Penalty[float64](&ops.Batch{Penalty: 1}, 0.1, []float64{1, 2}, r)
	if err != nil {
		log.Fatal(err)
	}
	m, err := ops.Plan[float64](g, nil, p)
	if err != nil {
		log.Fatal(err)
	}
	m.Run()
	fmt.Println(ops.Values[float64](p))
	// Output:
	// [0.25]
}
