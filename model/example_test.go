package model_test

import (
	"fmt"

	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// All weights of a model are one piece of memory, in which each tensor has its range.
func ExampleNewParams() {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 100, 8, 2, 2, 16
	p := model.NewParams[float32](c)
	p.Init(1)
	fmt.Println(len(p.Slice("classifier.weight")), len(p.Slice("bert.encoder.layer.1.output.dense.weight")))
	// Output:
	// 16 128
}
