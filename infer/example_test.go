package infer_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// saveModel stands for training: it saves a small model that removes
// word-vectors and takes everything for good.
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
	c.PowerRetention = &retention.Configuration{MaxLength: 64, Ranks: "absolute", Keep: []int{3, 2}}
	c.SetLabels(data.DemoLabels())
	p := model.NewParams[float32](c)
	p.Init(1)
	p.Slice("classifier.bias")[1] = 9
	if err := tok.Save(dir); err != nil {
		log.Fatal(err)
	}
	if err := model.Save(dir, c, p); err != nil {
		log.Fatal(err)
	}
	return dir
}

// A stage's directory, as runs/demo/retrain, becomes a classifier.
func Example() {
	dir := saveModel()
	defer os.RemoveAll(dir)

	m, err := infer.Open(dir, 0)
	if err != nil {
		log.Fatal(err)
	}
	predictions, err := m.Classify([]string{"the film was good", "i loved the plot"})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range predictions {
		fmt.Println(p.Label)
	}
	// Output:
	// positive
	// positive
}

// A trace tells how many encoders each word lives through. Here the first keeps
// three word-vectors, and the last only [CLS], which the classifier reads.
func ExampleModel_Trace() {
	dir := saveModel()
	defer os.RemoveAll(dir)

	m, err := infer.Open(dir, 0)
	if err != nil {
		log.Fatal(err)
	}
	trace, err := m.Trace("the film was good")
	if err != nil {
		log.Fatal(err)
	}
	words, survives := trace.Words()
	left := 0
	for _, encoders := range survives {
		if encoders > 0 {
			left++
		}
	}
	fmt.Printf("%d of %d words live through encoder 1, %s through all %d\n", left, len(words), words[0], survives[0])
	// Output:
	// 3 of 6 words live through encoder 1, [CLS] through all 2
}

// A stream takes texts of any number and hands predictions over in their order.
func ExampleStream_Run() {
	dir := saveModel()
	defer os.RemoveAll(dir)

	m, err := infer.Open(dir, 0)
	if err != nil {
		log.Fatal(err)
	}
	texts := []string{"the film was good", "i loved the plot", "the cast is fine"}
	next := func() (data.Encoded, error) {
		if len(texts) == 0 {
			return data.Encoded{}, io.EOF
		}
		text := texts[0]
		texts = texts[1:]
		return m.Encode(data.Example{Text: text}, false), nil
	}
	count := 0
	err = infer.Stream{Model: m, Tokens: 512}.Run(context.Background(), next, func(predictions []infer.Trace) error {
		count += len(predictions)
		return nil
	})
	fmt.Println(count, err)
	// Output:
	// 3 <nil>
}
