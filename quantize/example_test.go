package quantize_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/quantize"
)

// The int8 model of a stage lies beside it; where the two precisions differ by more than the
// bound, the layers that cost most stay in float32.
func ExampleJob_Run() {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	e, err := configs.Load("demo", []string{"data.demo.train=60", "data.demo.dev=45", "encoder.layers=2", "encoder.hidden=8",
		"encoder.heads=2", "encoder.intermediate=16", "finetune.epochs=1", "finetune.min_steps=0"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := pipeline.Finetune(context.Background(), e, pipeline.Options{Dir: dir}); err != nil {
		log.Fatal(err)
	}
	c, err := quantize.Job{Dir: filepath.Join(dir, "finetune"), Bound: quantize.DefaultBound}.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(c.Out), c.Divergence <= c.Bound)
	// Output:
	// finetune-int8 true
}
