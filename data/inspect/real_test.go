package inspect

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
)

// Published data are silent but for what is there: rows that are twice in the files, and
// dev rows that are in train, as looking at the lines shows. Of IMDB's and the news' the
// last near row stands beside its twin in the file.
func TestRealData(t *testing.T) {
	root := os.Getenv("POWERBERT_DATA")
	if root == "" {
		t.Skip("POWERBERT_DATA is not set: no real data")
	}
	tok, err := tokenizer.LoadAs(filepath.Join(root, "tokenizers", "bert-base-uncased", "vocab.txt"), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		src  data.Source
		want string
	}{
		{data.Source{Task: data.TaskSST2, Dir: "glue/SST-2"}, "dev near train 2, train duplicates 366, train contradictions 5"},
		{data.Source{Task: data.TaskCoLA, Dir: "glue/CoLA"}, "dev in train 18, dev near train 13, train duplicates 8, dev duplicates 1, train contradictions 11, dev contradictions 3"},
		{data.Source{Task: data.TaskMRPC, Dir: "glue/MRPC"}, "dev near train 7"},
		{data.Source{Task: data.TaskRTE, Dir: "glue/RTE"}, "dev near train 8, train duplicates 2"},
		{data.Source{Task: data.TaskIMDB, Dir: "imdb"}, "dev near train 1, train duplicates 88, dev duplicates 9"},
		{data.Source{Task: data.TaskTable, Train: "news/news.tsv", Text: []string{"title", "text"}, Label: "label", HeldOut: 0.1, SplitSeed: 1}, "dev near train 1"},
	}
	for _, test := range tests {
		test.src.Dir = filepath.Join(root, "data", test.src.Dir)
		sets, err := data.Load(test.src)
		if err != nil {
			t.Fatal(err)
		}
		pieces := sets.Encode(tok, 0, nil)
		begin := time.Now()
		var got []string
		for _, f := range Look(test.src, sets, pieces, tok) {
			name := f.Name
			if !strings.HasPrefix(name, f.Set) {
				name = f.Set + " " + name
			}
			got = append(got, fmt.Sprint(name, " ", f.Count))
		}
		t.Logf("%s: %d rows in %v", test.src.Dir, len(sets.Train.Examples), time.Since(begin))
		if want := strings.Split(test.want, ", "); !slices.Equal(got, want) {
			t.Errorf("%s: found %s, want %s", test.src.Dir, strings.Join(got, ", "), test.want)
		}
	}
}

// A few hundred rows of published news have no word that gives the label away, though
// every topic has names of its own.
func TestFewRealRows(t *testing.T) {
	root := os.Getenv("POWERBERT_DATA")
	if root == "" {
		t.Skip("POWERBERT_DATA is not set: no real data")
	}
	sets, err := data.Load(data.Source{Task: data.TaskTable, Dir: filepath.Join(root, "data"), Train: "news/news.tsv", Text: []string{"text"}, Label: "label", HeldOut: 0.1, SplitSeed: 1})
	if err != nil {
		t.Fatal(err)
	}
	all := sets.Train.Examples
	for begin := 0; begin+450 <= len(all); begin += 450 {
		few := *sets.Train
		few.Examples = all[begin : begin+450]
		l := &look{train: &part{Set: &few, name: "train"}}
		for _, f := range giveaways(l) {
			t.Errorf("rows from %d: %s", begin, f.What)
		}
	}
}
