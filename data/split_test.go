package data

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// review is a table of n different reviews, each of them twice.
func reviewTable(n int, reverse bool) string {
	var rows []string
	for i := range n {
		row := fmt.Sprintf("%d\treview number %d", i%2, i)
		rows = append(rows, row, row)
	}
	if reverse {
		slices.Reverse(rows)
	}
	return "label\ttext\n" + strings.Join(rows, "\n")
}

// A tenth is taken out: not more, no text is on both sides, and the order of the file
// has no say.
func TestSplit(t *testing.T) {
	texts := func(s *Set) map[string]int {
		count := map[string]int{}
		for _, e := range s.Examples {
			count[e.Text]++
		}
		return count
	}
	load := func(reverse bool) (train, dev map[string]int) {
		src := Source{Task: TaskIMDB, Dir: folder(t, map[string]string{"train.tsv": reviewTable(500, reverse)})}
		sets, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		first, last := sets.Train, sets.Dev
		file := filepath.Join(src.Dir, "train.tsv")
		if first.Name() != file+" but for the last tenth by hash of the text" || last.Name() != file+", the last tenth by hash of the text" {
			t.Errorf("the sets are %q and %q", first.Name(), last.Name())
		}
		alone, err := LoadDev(src, first.Labels)
		if err != nil || !reflect.DeepEqual(alone, last) {
			t.Errorf("the dev set alone is %v, %v", alone, err)
		}
		return texts(first), texts(last)
	}
	train, dev := load(false)
	if len(train) != 450 || len(dev) != 50 {
		t.Errorf("%d and %d texts, want 450 and 50", len(train), len(dev))
	}
	for text, n := range dev {
		if n != 2 || train[text] > 0 {
			t.Errorf("%q is %d times in dev and %d times in train", text, n, train[text])
		}
	}
	if train2, dev2 := load(true); !reflect.DeepEqual(train2, train) || !reflect.DeepEqual(dev2, dev) {
		t.Error("the order of the file matters")
	}
}

func TestSplitOfTooLittle(t *testing.T) {
	src := Source{Task: TaskIMDB, Dir: folder(t, map[string]string{"train.tsv": reviewTable(1, false)})}
	_, err := Load(src)
	wantError(t, err, filepath.Join(src.Dir, "train.tsv"), 0, "has too few different texts to take a dev set out; set data.dev to a file")
	src.Dir = folder(t, map[string]string{"train.tsv": reviewTable(2, false)})
	sets, err := Load(src)
	if err != nil || len(sets.Train.Examples) != 2 || len(sets.Dev.Examples) != 2 {
		t.Errorf("two texts give %+v, %v", sets, err)
	}
}

// MNLI has a second dev set, with the labels of training.
func TestLoadAlso(t *testing.T) {
	row := "sentence1\tsentence2\tgold_label\na\tb\tneutral\n"
	src := Source{Task: TaskMNLIm, Dir: folder(t, map[string]string{"train.tsv": row, "dev_matched.tsv": row, "dev_mismatched.tsv": row + "c\td\tentailment\n"})}
	also, err := LoadAlso(src, nil)
	if err != nil || also.Path != filepath.Join(src.Dir, "dev_mismatched.tsv") || len(also.Examples) != 2 {
		t.Errorf("got %+v, %v", also, err)
	}
	src.Dev = "dev_matched.tsv"
	if also, err := LoadAlso(src, nil); also != nil || err != nil {
		t.Errorf("with a dev set of the user's: %+v, %v", also, err)
	}
	if also, err := LoadAlso(Source{Task: TaskDemo}, nil); also != nil || err != nil {
		t.Errorf("of the demo: %+v, %v", also, err)
	}
}

// Without takes out what others have by all texts, whatever its label.
func TestWithout(t *testing.T) {
	set := &Set{Path: "all", Examples: []Example{{Text: "a", Label: 1}, {Text: "a", Pair: "b"}, {Text: "c"}, {Text: "d"}, {Text: "a", Options: []string{"e", "f"}}}}
	rest := set.Without(&Set{Examples: []Example{{Text: "a"}, {Text: "b"}}}, &Set{Examples: []Example{{Text: "d", Targets: []float64{3}}}})
	if got := fmt.Sprint(rest.Path, rest.Examples); got != fmt.Sprint("all", []Example{{Text: "a", Pair: "b"}, {Text: "c"}, {Text: "a", Options: []string{"e", "f"}}}) || len(set.Examples) != 5 {
		t.Errorf("left are %s of %d", got, len(set.Examples))
	}
}
