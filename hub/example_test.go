package hub_test

import (
	"context"
	"fmt"
	"log"

	"github.com/powerbert/powerbert/hub"
)

// A model of the hub is a directory: in the cache that transformers keeps, after the
// download of what that lacks. HF_HOME and its like are read from the environment.
func ExampleClient_Dir() {
	dir, err := hub.FromEnv().Dir(context.Background(), "google-bert/bert-base-uncased", hub.Weights|hub.Tokenizer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dir)
}

// A name may have a revision: a branch, a tag or a commit.
func ExampleParse() {
	id, ok := hub.Parse("google-bert/bert-base-uncased@v1")
	fmt.Println(id, ok)
	_, ok = hub.Parse("/models/bert")
	fmt.Println(ok)
	// Output:
	// google-bert/bert-base-uncased@v1 true
	// false
}
