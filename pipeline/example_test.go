package pipeline_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
)

// All three stages of an experiment, made small; what is complete is skipped, what was
// interrupted goes on.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	e, err := configs.Load("demo", []string{"compat=paper", "data.demo.train=60", "data.demo.dev=45", "encoder.layers=2", "encoder.hidden=8",
		"encoder.heads=2", "encoder.intermediate=16", "finetune.epochs=1", "search.epochs=1", "retrain.epochs=1"})
	if err != nil {
		log.Fatal(err)
	}
	results, err := pipeline.Run(context.Background(), e, pipeline.Options{Dir: dir, Resume: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results {
		fmt.Println(r.Stage, r.Dev > 0)
	}
	// Output:
	// finetune true
	// search true
	// retrain true
}
