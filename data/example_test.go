package data_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
)

// A table with a column of text and one of labels becomes examples, and these word-pieces.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "data")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	train, dev := filepath.Join(dir, "train.csv"), filepath.Join(dir, "dev.csv")
	const rows = "stars,review\ngood,the film was good\nbad,\"i left, early\"\n"
	for _, file := range []string{train, dev} {
		if err := os.WriteFile(file, []byte(rows), 0o644); err != nil {
			log.Fatal(err)
		}
	}

	sets, err := data.Load(data.Source{Task: data.TaskTable, Train: train, Dev: dev, Text: []string{"review"}, Label: "stars"})
	if err != nil {
		log.Fatal(err)
	}
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for i, e := range data.Encode(sets.Train, tok, 64) {
		example := sets.Train.Examples[i]
		fmt.Printf("line %d: %q is %s, %d word-pieces\n", example.Line, example.Text, sets.Train.Labels[example.Label], len(e.IDs))
	}
	// Output:
	// line 2: "the film was good" is good, 6 word-pieces
	// line 3: "i left, early" is bad, 6 word-pieces
}
