package layers_test

import (
	"fmt"
	"log"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/layers"
	"github.com/powerbert/powerbert/retention"
)

// Of three word-vectors the second is the least significant, and r leaves nothing of it.
func ExampleBuilder_SoftExtract() {
	batch := &ops.Batch{}
	batch.AddSequence(make([]int32, 3), make([]int32, 3), 0, 0)
	b := layers.NewBuilder[float64](nil, kernel.Exact[float64]{}, batch, 3, false)
	sel := layers.Rank[float64](&batch.Layout, retention.Scoring{}, nil)
	sel.Rank = []int32{0, 2, 1} // which attention finds
	y := b.SoftExtract(b.Input("y", []float64{1, 1, 2, 2, 3, 3}, 3, 2), sel, b.Input("r", []float64{1, 0.5, 0}, 3))
	m, err := ops.Plan[float64](b.Graph, nil, y)
	if err != nil {
		log.Fatal(err)
	}
	m.Run()
	fmt.Println(ops.Values[float64](y))
	// Output:
	// [1 1 0 0 1.5 1.5]
}
