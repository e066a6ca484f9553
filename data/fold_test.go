package data

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// threeLabels is 50 examples of three labels, 31, 12 and 7 of them; every fifth text is there
// twice.
func threeLabels() *Set {
	set := &Set{Path: "set", Labels: []string{"a", "b", "c"}, Problem: "single_label_classification"}
	for i := range 50 {
		label := 0
		if i >= 31 {
			label = 1
		}
		if i >= 43 {
			label = 2
		}
		text := i
		if i%5 == 4 {
			text-- // its neighbour's
		}
		set.Examples = append(set.Examples, Example{Text: fmt.Sprint("text ", text), Label: label})
	}
	return set
}

// Each example is in one fold's dev set and in the training sets of all others; a label is
// spread evenly, as far as equal texts, which stay together, let it be.
func TestFolds(t *testing.T) {
	const n = 4
	set, seen := threeLabels(), map[string]int{}
	for k := 1; k <= n; k++ {
		rest, held, err := set.fold(k, n, draw{seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		if len(rest.Examples)+len(held.Examples) != 50 || len(held.Without(rest).Examples) != len(held.Examples) {
			t.Errorf("fold %d: %d and %d examples, or texts in both", k, len(rest.Examples), len(held.Examples))
		}
		for label, whole := range []int{31, 12, 7} {
			if got := held.Counts()[label]; got < whole/n-1 || got > whole/n+2 {
				t.Errorf("fold %d has %d of the %d examples of label %d", k, got, whole, label)
			}
		}
		for _, e := range held.Examples {
			seen[e.Text]++
		}
		if want := fmt.Sprintf("set, fold %d of 4, drawn by seed 3", k); held.Name() != want || rest.Name() != fmt.Sprintf("set but for fold %d of 4, drawn by seed 3", k) {
			t.Errorf("fold %d is called %s and %s", k, held.Name(), rest.Name())
		}
	}
	for _, e := range set.Examples {
		if n := seen[e.Text]; n != 1 && n != 2 {
			t.Errorf("%s is held out %d times", e.Text, n)
		}
	}
}

// The folds go by the texts and the seed, whatever the order of the rows.
func TestFoldsGoByTextAndSeed(t *testing.T) {
	texts := func(set *Set, seed uint64) (list []string) {
		_, held, err := set.fold(2, 5, draw{seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range held.Examples {
			list = append(list, e.Text)
		}
		slices.Sort(list)
		return list
	}
	turned := threeLabels()
	slices.Reverse(turned.Examples)
	if a, b := texts(threeLabels(), 1), texts(turned, 1); len(a) < 8 || len(b) < 8 {
		t.Errorf("folds of %d and %d", len(a), len(b))
	}
	if slices.Equal(texts(threeLabels(), 1), texts(threeLabels(), 2)) {
		t.Error("another seed draws the same fold")
	}
	if !slices.Equal(texts(threeLabels(), 1), texts(turned, 1)) {
		t.Error("the order of the rows has a say")
	}
	few := &Set{Path: "few", Problem: "regression", Examples: []Example{{Text: "a"}, {Text: "b"}}}
	if _, _, err := few.fold(3, 3, draw{seed: 1}); err == nil || err.Error() != "few: has 2 different texts, too few for 3 folds" {
		t.Errorf("three folds of two rows: %v", err)
	}
}

// Of folds that have as few of a label the one that has fewest examples gets the next, so that
// all are of one size; equal texts of other labels count to those; and there may be as many
// folds as texts.
func TestFoldsAreEven(t *testing.T) {
	for _, c := range []struct {
		texts, labels, folds int
		want                 string
	}{{12, 3, 3, "4 4 4"}, {12, 4, 5, "3 3 2 2 2"}, {3, 1, 3, "1 1 1"}, {3, 3, 3, "1 1 1"}} {
		set, sizes := &Set{Path: "set", Labels: []string{"a", "b", "c", "d"}[:c.labels], Problem: "single_label_classification"}, []int{}
		for i := range c.texts {
			set.Examples = append(set.Examples, Example{Text: fmt.Sprint("text ", i), Label: i % c.labels})
		}
		for k := range c.folds {
			_, held, err := set.fold(k+1, c.folds, draw{seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(held.Examples))
		}
		slices.Sort(sizes)
		slices.Reverse(sizes)
		if got := fmt.Sprint(sizes); got != "["+c.want+"]" {
			t.Errorf("%d texts of %d labels in %d folds: %s, want %s", c.texts, c.labels, c.folds, got, c.want)
		}
	}
	set := &Set{Labels: []string{"a", "b"}, Problem: "single_label_classification", Examples: []Example{{Label: 0}, {Label: 1}, {Label: 0}, {Label: 0}, {Label: 1}}}
	if got := set.folds(2, []gathering{{[]int{0, 1}, false}, {[]int{2}, false}, {[]int{3}, false}, {[]int{4}, false}}); !slices.Equal(got, []int{0, 0, 1, 1, 1}) {
		t.Errorf("beside a text of both labels are put %v", got)
	}
}

// A fold takes the place of the dev file, or of the part that would be dev; the rest is
// held out from as without.
func TestLoadFold(t *testing.T) {
	dir := t.TempDir()
	writeTo(t, filepath.Join(dir, "all.tsv"), reviewTable(40, false))
	writeTo(t, filepath.Join(dir, "dev.csv"), "text,label\nnever read,good\n")
	src := Source{Task: TaskTable, Train: filepath.Join(dir, "all.tsv"), Text: []string{"text"}, Label: "label", SplitSeed: 1, HeldOut: 0.1, Fold: 2, Folds: 5}
	for _, dev := range []string{"", filepath.Join(dir, "dev.csv"), filepath.Join(dir, "none.csv")} {
		src.Dev = dev
		sets, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		alone, err := LoadDev(src, sets.Train.Labels)
		if err := errors.Join(err); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(alone.Examples) != fmt.Sprint(sets.Dev.Examples) || alone.Name() != sets.Dev.Name() {
			t.Errorf("dev by itself is %d examples of %s, want %d of %s", len(alone.Examples), alone.Name(), len(sets.Dev.Examples), sets.Dev.Name())
		}
		if n := len(sets.Train.Examples) + len(sets.HeldOut.Examples) + len(sets.Dev.Examples); n != 80 || len(sets.Dev.Examples) != 16 {
			t.Errorf("%d examples in all, %d in the fold, want 80 and 16", n, len(sets.Dev.Examples))
		}
	}
	for _, k := range []int{1, 3} {
		demo := Source{Task: TaskDemo, Demo: DemoSize{Train: 30, Dev: 7, Seed: 1}, Fold: k, Folds: 3, SplitSeed: 1}
		sets, err := Load(demo)
		if err != nil || len(sets.Train.Examples) != 20 || len(sets.Dev.Examples) != 10 {
			t.Fatalf("fold %d of the demo task: %v", k, err)
		}
		if alone, err := LoadDev(demo, sets.Train.Labels); err != nil || len(alone.Examples) != 10 {
			t.Errorf("its dev by itself: %v", err)
		}
	}
}
