package configs_test

import (
	"fmt"
	"log"

	"github.com/powerbert/powerbert/configs"
)

// A recipe's name stands for its file; overrides win over what the file says.
func ExampleLoad() {
	e, err := configs.Load("demo", []string{"search.lambda=2e-3"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Data.Task, e.Encoder.Layers, e.Search.Lambda)

	_, err = configs.Load("demo", []string{"search.lamda=2e-3"})
	fmt.Println(err)
	// Output:
	// demo 4 0.002
	// --set search.lamda=2e-3: unknown key search.lamda, did you mean search.lambda?
}
