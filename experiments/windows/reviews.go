package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// rowsVariable is where the experiment finds what prepare writes.
const rowsVariable = "WINDOWS_ROWS"

// long is how many tokens a review must have more of to be read: what a model takes in at once.
const long = 512

// Reviews says what the models learn from, what chooses their epochs and what they read.
// Tokens count [CLS] and [SEP].
type Reviews struct {
	Train  Part `json:"train"`
	Choose Part `json:"choose"`
	Read   Part `json:"read"`
}

// A Part is some of the reviews.
type Part struct {
	Reviews  int     `json:"reviews"`
	Positive int     `json:"positive"`
	Tokens   float64 `json:"mean_tokens"`
	Long     int     `json:"longer_than_512"`
}

// A review is a line of IMDB's file.
type review struct {
	text, label string
	tokens      int
}

// The files of a folder that prepare writes.
const (
	trainFile  = "train.tsv"
	chooseFile = "choose.tsv"
	readFile   = "read.tsv"
)

// prepare writes tables into a folder and tells the experiment. All are drawn from IMDB's
// training file: so many long reviews to read, so many others to learn, and a tenth as many
// of those that choose epochs.
func prepare(folder string, learn, read int) (*Reviews, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	all, err := reviews(filepath.Join(os.Getenv("POWERBERT_DATA"), "data/imdb/train.tsv.gz"), os.Getenv("POWERBERT_MODEL"))
	if err != nil {
		return nil, err
	}
	some, texts := draw(all, learn+learn/10, read)
	train, choose := some[:min(learn, len(some))], some[min(learn, len(some)):]
	r := &Reviews{partOf(train), partOf(choose), partOf(texts)}
	for name, list := range map[string][]review{trainFile: train, chooseFile: choose, readFile: texts} {
		if err := atomicfile.Write(filepath.Join(folder, name), tsv(list)); err != nil {
			return nil, err
		}
	}
	return r, os.Setenv(rowsVariable, folder)
}

// reviews reads those of a file, each text once, and counts the tokens of a model.
func reviews(path, model string) (list []review, err error) {
	tok, err := tokenizer.Load(model)
	if err != nil {
		return nil, err
	}
	set, err := data.LoadFile(data.Source{Task: data.TaskTable, Text: []string{"text"}, Label: "label"}, path, nil)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, e := range set.Examples {
		if seen[e.Text] {
			continue
		}
		seen[e.Text] = true
		list = append(list, review{e.Text, set.Labels[e.Label], len(tok.Encode(e.Text, 0).IDs)})
	}
	return list, nil
}

// draw takes long reviews to read and others, that are not long, to learn from, in an order
// drawn once.
func draw(all []review, n, read int) (some, texts []review) {
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(len(all)) {
		if all[i].tokens > long {
			texts = append(texts, all[i])
		} else {
			some = append(some, all[i])
		}
	}
	return some[:min(n, len(some))], texts[:min(read, len(texts))]
}

// partOf counts some reviews.
func partOf(list []review) (p Part) {
	p.Reviews = len(list)
	for _, r := range list {
		p.Tokens += float64(r.tokens) / float64(len(list))
		if r.label == "1" {
			p.Positive++
		}
		if r.tokens > long {
			p.Long++
		}
	}
	return p
}

// tsv is reviews as a table.
func tsv(list []review) []byte {
	var b bytes.Buffer
	b.WriteString("label\ttext\n")
	for _, r := range list {
		fmt.Fprintf(&b, "%s\t%s\n", r.label, r.text)
	}
	return b.Bytes()
}
