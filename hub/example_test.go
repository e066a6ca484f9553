package hub_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/hub/hubtest"
)

// A model of the hub is a directory: in the cache that transformers keeps, after the
// download of what that lacks. HF_HOME and its like are read from the environment; here the
// hub is one of this process, with a cache of its own.
func ExampleClient_Dir() {
	server := hubtest.New("small/bert", map[string]string{"config.json": "{}", "model.safetensors": "weights", "vocab.txt": "[PAD]"})
	defer server.Close()
	cache, err := os.MkdirTemp("", "hub")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(cache)
	client := hub.FromEnv()
	client.Endpoint, client.Cache, client.Token, client.Offline = server.URL, cache, "", false

	dir, err := client.Dir(context.Background(), "small/bert", hub.Weights|hub.Tokenizer)
	if err != nil {
		log.Fatal(err)
	}
	vocab, err := os.ReadFile(filepath.Join(dir, "vocab.txt"))
	fmt.Println(string(vocab), err)
	// Output:
	// [PAD] <nil>
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
