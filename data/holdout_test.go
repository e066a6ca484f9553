package data

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// unequal is a table of 200 texts of a label, 40 of another and 3 of a third; the texts of
// the second are there twice.
func unequal(reverse bool) string {
	var rows []string
	for i := range 200 {
		rows = append(rows, fmt.Sprintf("common number %d,common", i))
	}
	for i := range 20 {
		rows = append(rows, fmt.Sprintf("seldom number %d,seldom", i), fmt.Sprintf("seldom number %d,seldom", i))
	}
	for i := range 3 {
		rows = append(rows, fmt.Sprintf("rare number %d,rare", i))
	}
	if reverse {
		slices.Reverse(rows)
	}
	return "text,label\n" + strings.Join(rows, "\n") + "\n"
}

// loadTable loads a table without a dev file.
func loadTable(t *testing.T, text string, heldOut float64, seed uint64) *Sets {
	t.Helper()
	src := single()
	src.Dir, src.Train, src.HeldOut, src.SplitSeed = folder(t, map[string]string{"a.csv": text}), "a.csv", heldOut, seed
	sets, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := LoadDev(src, sets.Train.Labels)
	if err != nil || !reflect.DeepEqual(alone, sets.Dev) {
		t.Errorf("the dev set alone is %v, %v", alone, err)
	}
	return sets
}

func textsOf(s *Set) []string {
	var list []string
	for _, e := range s.Examples {
		list = append(list, e.Text)
	}
	slices.Sort(list)
	return list
}

// Of each label a tenth becomes the dev set, and a tenth of the rest is held out; the order
// of the file has no say, another seed draws others, and equal texts stay together.
func TestHoldOut(t *testing.T) {
	sets := loadTable(t, unequal(false), 0.1, 1)
	for _, c := range []struct {
		name string
		set  *Set
		want []int // common, rare, seldom
	}{{"dev", sets.Dev, []int{20, 0, 4}}, {"held out", sets.HeldOut, []int{18, 0, 4}}, {"train", sets.Train, []int{162, 3, 32}}} {
		if got := c.set.Counts(); !slices.Equal(got, c.want) {
			t.Errorf("%s has %v of %v, want %v", c.name, got, c.set.Labels, c.want)
		}
	}
	if sets.Chooses() != sets.HeldOut {
		t.Error("what is held out does not choose")
	}
	seen := map[string]string{}
	sets.Each(func(name string, set *Set) {
		for _, text := range textsOf(set) {
			if other, known := seen[text]; known && other != name {
				t.Errorf("%q is in %s and in %s", text, other, name)
			}
			seen[text] = name
		}
	})
	again, other := loadTable(t, unequal(true), 0.1, 1), loadTable(t, unequal(false), 0.1, 2)
	if !slices.Equal(textsOf(again.HeldOut), textsOf(sets.HeldOut)) || !slices.Equal(textsOf(again.Dev), textsOf(sets.Dev)) {
		t.Error("the order of the file matters")
	}
	if slices.Equal(textsOf(other.HeldOut), textsOf(sets.HeldOut)) || slices.Equal(textsOf(other.Dev), textsOf(sets.Dev)) {
		t.Error("another seed draws the same")
	}
	if none := loadTable(t, unequal(false), 0, 1); none.HeldOut != nil || none.Chooses() != none.Dev {
		t.Error("0 holds something out")
	}
	const tenth = "10 % of each label, drawn by seed 1"
	for part, want := range map[string]string{sets.Dev.Part: ", " + tenth, sets.HeldOut.Part: ", of the rest " + tenth, sets.Train.Part: " but for " + tenth + ", and then " + tenth} {
		if part != want {
			t.Errorf("a part is called %q, want %q", part, want)
		}
	}
}

// A share is rounded to the nearest number of examples, halves up, and rows that were left
// out are the rest's.
func TestHoldOutRounds(t *testing.T) {
	set := &Set{Path: "set", Labels: []string{"a", "b"}, Problem: "single_label_classification", Skipped: []Malformed{{Line: 9}}}
	for i := range 30 {
		set.Examples = append(set.Examples, Example{Text: fmt.Sprint("text ", i), Label: i % 2})
	}
	rest, held, err := set.holdOut(0.1, draw{seed: 1})
	if err != nil || !slices.Equal(held.Counts(), []int{2, 2}) {
		t.Errorf("of 15 and 15 are held out %v (%v), want 2 of each", held.Counts(), err)
	}
	if len(rest.Skipped) != 1 || held.Skipped != nil || len(set.Skipped) != 1 {
		t.Errorf("rows left out: %v of the rest, %v of what is held out", rest.Skipped, held.Skipped)
	}
}

// A label always stays in the rest, also where all its rows are one text; and what has too
// few is refused.
func TestHoldOutOfLittle(t *testing.T) {
	var rows []string
	for i := range 20 {
		rows = append(rows, fmt.Sprintf("a%d,a", i), "always the same,b")
	}
	sets := loadTable(t, "text,label\n"+strings.Join(rows, "\n"), 0, 3)
	if got := sets.Dev.Counts(); got[1] != 0 || got[0] != 2 {
		t.Errorf("dev has %v, want 2 and none of the label whose rows are all equal", got)
	}
	src := single()
	src.Dir, src.Train = folder(t, map[string]string{"a.csv": "text,label\nx,a\ny,b\n"}), "a.csv"
	src.Dev, src.HeldOut = "a.csv", 0.1
	if sets, err := Load(src); err != nil || sets.HeldOut != nil || len(sets.Train.Examples) != 2 {
		t.Errorf("of two rows are held out: %+v, %v", sets, err)
	}
	src.Dev = ""
	if _, err := Load(src); err == nil || !strings.Contains(err.Error(), "has 2 examples, too few of a label to take 10 % of each for a dev set; set data.dev to a file") {
		t.Errorf("two rows: %v", err)
	}
}

// Scores have no labels: they are one group.
func TestHoldOutOfScores(t *testing.T) {
	var rows []string
	for i := range 50 {
		rows = append(rows, fmt.Sprintf("text %d,%g", i, float64(i)/7))
	}
	src := Source{Task: TaskTable, Text: []string{"text"}, Label: "label", Scores: true, HeldOut: 0.2, SplitSeed: 1, Train: "a.csv",
		Dir: folder(t, map[string]string{"a.csv": "text,label\n" + strings.Join(rows, "\n")})}
	sets, err := Load(src)
	if err != nil || len(sets.Dev.Examples) != 5 || len(sets.HeldOut.Examples) != 9 || len(sets.Train.Examples) != 36 {
		t.Errorf("%+v, %v; want 5, 9 and 36 of 50", sets, err)
	}
	if strings.Contains(sets.Dev.Part, "label") {
		t.Errorf("a part is called %q", sets.Dev.Part)
	}
}
