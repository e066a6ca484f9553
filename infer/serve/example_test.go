package serve_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/infer/serve"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// saveModel stands for training: it saves a small model that is undecided.
func saveModel() string {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		log.Fatal(err)
	}
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		log.Fatal(err)
	}
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = tok.Size(), 8, 2, 2, 16
	c.SetLabels(data.DemoLabels())
	p := model.NewParams[float32](c)
	p.Init(1)
	clear(p.Slice("classifier.weight"))
	if err := errors.Join(tok.Save(dir), model.Save(dir, c, p)); err != nil {
		log.Fatal(err)
	}
	return dir
}

// A server is an http.Handler, so it fits into any program's routes. Serve runs one
// on a listener of its own until a context ends.
func ExampleServer() {
	dir := saveModel()
	defer os.RemoveAll(dir)
	m, err := infer.Open(dir, 0)
	if err != nil {
		log.Fatal(err)
	}
	s := serve.New(m, serve.Options{})
	defer s.Close()
	host := httptest.NewServer(s)
	defer host.Close()

	r, err := http.Post(host.URL+"/predict", "application/json", strings.NewReader(`{"inputs": "the film was good"}`))
	if err != nil {
		log.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(r.Status, " ", string(body))
	// Output:
	// 200 OK [{"score":0.5,"label":"negative"},{"score":0.5,"label":"positive"}]
}
