package pipeline_test

import (
	"context"
	"fmt"
	"log"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
)

// All three stages of an experiment; what is complete is skipped, what was interrupted goes on.
func ExampleRun() {
	e, err := configs.Load("demo", nil)
	if err != nil {
		log.Fatal(err)
	}
	results, err := pipeline.Run(context.Background(), e, pipeline.Options{Dir: "runs/demo", Resume: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results {
		fmt.Println(r.Stage, r.Dev)
	}
}
