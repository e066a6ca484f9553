package data

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// phrases is a table of sentences, each with three of its parts; the shortest has another label
// than the rest of every third sentence.
func phrases() string {
	var rows []string
	for i := range 60 {
		sentence := make([]string, 12)
		for k := range sentence {
			sentence[k] = fmt.Sprintf("w%d-%d", i, k)
		}
		for k, part := range [][]string{sentence, sentence[:6], sentence[6:], sentence[2:5]} {
			label := i % 2
			if k == 3 && i%3 == 0 {
				label = 1 - label
			}
			rows = append(rows, fmt.Sprintf("%s,%s", strings.Join(part, " "), []string{"even", "odd"}[label]))
		}
	}
	return "text,label\n" + strings.Join(rows, "\n") + "\n"
}

// nearOr is what stays together: near texts, or equal ones.
func nearOr(near bool) string {
	if near {
		return TogetherNear
	}
	return TogetherEqual
}

// sentencesOf are the sentences of a set's rows, each once.
func sentencesOf(s *Set) (list []string) {
	for _, e := range s.Examples {
		sentence, _, _ := strings.Cut(e.Text, "-")
		list = append(list, sentence)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Parts of a text are never parted from it where near ones are to stay together: neither in
// dev, nor in what is held out, nor in a fold. Otherwise they are.
func TestNearTextsStayTogether(t *testing.T) {
	src := single()
	src.Dir, src.Train, src.HeldOut, src.SplitSeed = folder(t, map[string]string{"a.csv": phrases()}), "a.csv", 0.1, 1
	both := func(a, b *Set) (n int) {
		others := sentencesOf(b)
		for _, sentence := range sentencesOf(a) {
			if slices.Contains(others, sentence) {
				n++
			}
		}
		return n
	}
	for _, near := range []bool{false, true} {
		for _, folds := range []int{0, 5} {
			src.Together, src.Folds, src.Fold = nearOr(near), folds, min(folds, 2)
			sets, err := Load(src)
			if err != nil {
				t.Fatal(err)
			}
			parted := both(sets.Train, sets.Dev) + both(sets.Train, sets.HeldOut) + both(sets.Dev, sets.HeldOut)
			if near != (parted == 0) {
				t.Errorf("near %v, %d folds: %d sentences are parted", near, folds, parted)
			}
			if got := strings.HasSuffix(sets.Dev.Part, ", near texts together"); got != near {
				t.Errorf("near %v: the part is %q", near, sets.Dev.Part)
			}
			want := 24 // a tenth of 240
			if folds > 0 {
				want = 48
			}
			if n := len(sets.Dev.Examples); n < want-4 || n > want+4 {
				t.Errorf("near %v, %d folds: dev has %d rows of 240", near, folds, n)
			}
		}
	}
	whole, err := LoadFile(src, filepath.Join(src.Dir, "a.csv"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, near := range []bool{false, true} { // as of a task that is distributed without dev
		train, dev, err := whole.split(draw{together: nearOr(near)})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(dev.Examples); near != (both(train, dev) == 0) || near != strings.HasSuffix(dev.Part, ", near texts together") || n < 20 || n > 28 {
			t.Errorf("near %v: of %d rows of the last tenth %d sentences are parted, which is %q", near, n, both(train, dev), dev.Part)
		}
	}
}

// A group of near texts that is a large part of all rows stays in the rest, and does not make
// dev larger than it says; where nothing else is there, the error says why.
func TestLargeGroupsOfNearTexts(t *testing.T) {
	var rows []string
	for i := range 100 {
		rows = append(rows, fmt.Sprintf("one template of some words in every row with the number %d in it and no more to say here today,%s", i, []string{"a", "b"}[i%2]))
	}
	load := func(rows []string, seed uint64, fold int) (*Sets, error) {
		src := single()
		src.Together, src.Train, src.SplitSeed, src.Fold, src.Folds = TogetherNear, "a.csv", seed, fold, 3
		src.Dir = folder(t, map[string]string{"a.csv": "text,label\n" + strings.Join(rows, "\n") + "\n"})
		return Load(src)
	}
	if _, err := load(rows, 1, 0); err == nil || !strings.Contains(err.Error(), "too many of them are near one another (data.together: equal") {
		t.Errorf("a file of one template: %v", err)
	}
	if _, err := load(rows, 1, 1); err == nil || !strings.Contains(err.Error(), "has 1 different texts, too few for 3 folds, or too many of them are near") {
		t.Errorf("folds of one template: %v", err)
	}
	for i := range 100 {
		rows = append(rows, fmt.Sprintf("w%d v%d u%d,%s", i, i, i, []string{"a", "b"}[i%2]))
	}
	for seed := range uint64(5) {
		sets, err := load(rows, seed, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := sets.Dev.Counts(); got[0] != 10 || got[1] != 10 {
			t.Errorf("seed %d: dev has %v of 100 each", seed, got)
		}
	}
}

// Near texts stay together unless too few are by themselves for that, which the part says.
func TestNearTextsWhereThatCanBe(t *testing.T) {
	src := single()
	src.Together, src.Train = TogetherAuto, "a.csv"
	load := func(rows string) *Sets {
		t.Helper()
		src.Dir = folder(t, map[string]string{"a.csv": rows})
		sets, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		return sets
	}
	template := func(n int, label string) (rows []string) {
		for i := range n {
			rows = append(rows, fmt.Sprintf("one template of some words in every row with the number %d in it and no more to say here today,%s", i, label))
		}
		return rows
	}
	plain := func(n int, label string) (rows []string) {
		for i := range n {
			rows = append(rows, fmt.Sprintf("%s%d is %s%d with %s%d,%s", label, i, label, i+1, label, i+2, label))
		}
		return rows
	}
	pairs := func(n int, label string) (rows []string) {
		for _, row := range plain(n, label) {
			rows = append(rows, strings.Replace(row, " with ", " With ", 1), row)
		}
		return rows
	}
	phrasesOf := func(n int) []string { return strings.Split(strings.TrimSpace(phrases()), "\n")[1:][:n] }
	table := func(rows ...[]string) string {
		return "text,label\n" + strings.Join(slices.Concat(rows...), "\n") + "\n"
	}
	const near, apart = ", near texts together", ", near texts apart, for too many are near one another"
	for name, test := range map[string]struct {
		rows, want string
	}{
		"parts of sentences":        {phrases(), near},
		"one template":              {table(template(50, "a"), template(50, "b")), apart},
		"one template of a label":   {table(template(100, "a"), plain(100, "b")), apart},
		"half of a label by itself": {table(template(95, "a"), plain(5, "a"), plain(100, "b")), near},
		"a rare label":              {table(phrasesOf(100), plain(3, "c")), near},
		"one row of a label":        {table(phrasesOf(100), plain(1, "c")), near},
		"a rare label of pairs":     {table(phrasesOf(100), pairs(4, "c")), near},
		"nothing near":              {table(plain(100, "a"), plain(100, "b")), ""},
		"less than half of it":      {table(template(96, "a"), plain(4, "a"), plain(100, "b")), apart},
	} {
		for k := range 8 {
			folds := k % 2 * 4
			src.Folds, src.Fold, src.SplitSeed, src.HeldOut = folds, min(folds, 2), uint64(k/2), 0.2
			if name == "half of a label by itself" && folds > 0 {
				continue // a fold has none of the template
			}
			sets := load(test.rows)
			if got := sets.Dev.Part; !strings.HasSuffix(got, fmt.Sprint("drawn by seed ", k/2)+test.want) {
				t.Errorf("%s, %d folds: dev is %q, want %q", name, folds, got, test.want)
			}
			if whole := len(sets.Dev.Examples) + len(sets.HeldOut.Examples) + len(sets.Train.Examples); folds == 0 && len(sets.Dev.Examples) < whole/20 {
				t.Errorf("%s: dev has %d of %d rows", name, len(sets.Dev.Examples), whole)
			}
		}
	}
}

// Where no texts are near one another, the same ones are drawn as if equal ones alone stayed
// together, however often a text is there, under whatever labels.
func TestNothingNearDrawsAlike(t *testing.T) {
	var rows []string
	for i := range 100 {
		rows = append(rows, fmt.Sprintf("w%d v%d u%d,%s", i%90, i%90, i%90, []string{"a", "b"}[i%2]))
	}
	for i := range 12 {
		rows = append(rows, fmt.Sprintf("again and again,%s", []string{"b", "b", "a"}[i%3]))
	}
	src := single()
	src.Train, src.SplitSeed, src.HeldOut = "a.csv", 3, 0.2
	src.Dir = folder(t, map[string]string{"a.csv": "text,label\n" + strings.Join(rows, "\n")})
	for _, src.Folds = range []int{0, 3} {
		src.Fold = min(src.Folds, 2)
		var drawn [][][]string
		for _, src.Together = range []string{TogetherEqual, TogetherNear, TogetherAuto} {
			sets, err := Load(src)
			if err != nil {
				t.Fatal(err)
			}
			drawn = append(drawn, [][]string{textsOf(sets.Train), textsOf(sets.HeldOut), textsOf(sets.Dev)})
		}
		if !reflect.DeepEqual(drawn[1], drawn[0]) || !reflect.DeepEqual(drawn[2], drawn[0]) {
			t.Errorf("%d folds: drawn are %v", src.Folds, drawn)
		}
	}
}

// Folds are even though texts have many near ones: those that have most are dealt out first,
// where equal texts are dealt out as drawn.
func TestFoldsOfNearTexts(t *testing.T) {
	set := &Set{Path: "set", Labels: []string{"a"}, Problem: "single_label_classification"}
	of := func(sizes []int, several bool) (folds []int) {
		var texts []gathering
		set.Examples = nil
		for _, n := range sizes {
			g := gathering{several: several}
			for range n {
				g.examples = append(g.examples, len(set.Examples))
				set.Examples = append(set.Examples, Example{})
			}
			texts = append(texts, g)
		}
		counts := make([]int, 3)
		for _, f := range set.folds(3, texts) {
			counts[f]++
		}
		return counts
	}
	sizes := []int{1, 2, 1, 2, 1, 5, 2, 6, 1}
	if got := of(sizes, true); !slices.Equal(got, []int{7, 7, 7}) {
		t.Errorf("near texts: %v, want 7 each", got)
	}
	if got := of(sizes, false); !slices.Equal(got, []int{9, 7, 5}) {
		t.Errorf("equal texts: %v, want those as drawn", got)
	}
}

// Near texts may make dev a tenth larger than asked, or two rows, and not more; the one with
// the least hash may be any of them.
func TestNearTextsOverfill(t *testing.T) {
	var rows []string
	for i := range 100 {
		for _, format := range []string{"a%d b%d c%d d%d e%d f%d g%d,x", "a%d b%d c%d d%d e%d f%d,x", "b%d c%d d%d e%d f%d g%d,x"} {
			words := make([]any, strings.Count(format, "%d"))
			for k := range words {
				words[k] = i
			}
			rows = append(rows, fmt.Sprintf(format, words...))
		}
	}
	src := single()
	src.Train, src.Together, src.Labels = "a.csv", TogetherNear, []string{"x", "y"}
	src.Dir = folder(t, map[string]string{"a.csv": "text,label\n" + strings.Join(rows, "\n")})
	whole, err := LoadFile(src, filepath.Join(src.Dir, "a.csv"), src.Labels)
	if err != nil {
		t.Fatal(err)
	}
	for share, want := range map[float64]int{0.01: 3, 0.0167: 6, 0.0667: 21, 0.0734: 24, 0.1: 30} {
		rest, held, err := whole.holdOut(share, draw{seed: 1, together: TogetherNear})
		if err != nil || len(held.Examples) != want || len(rest.Examples) != 300-want {
			t.Errorf("%g of 100 texts with two parts each: %d rows (%v), want %d", share, len(held.Examples), err, want)
		}
	}
}

// Which near texts are taken goes by the texts and the seed, whatever the order of the rows,
// and equal texts without a word stay together as well.
func TestNearTextsGoByTextAndSeed(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(phrases()), "\n")
	lines = append(lines, "!!!,odd", "!!!,odd", "!!!,odd")
	turned := slices.Clone(lines[1:])
	slices.Reverse(turned)
	src := single()
	src.Together, src.Train = TogetherNear, "a.csv"
	dev := func(rows []string, seed uint64) []string {
		src.SplitSeed, src.Dir = seed, folder(t, map[string]string{"a.csv": "text,label\n" + strings.Join(rows, "\n")})
		sets, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(slices.DeleteFunc(textsOf(sets.Dev), func(text string) bool { return text != "!!!" })); n != 0 && n != 3 {
			t.Errorf("of three equal texts %d are in dev", n)
		}
		return textsOf(sets.Dev)
	}
	first := dev(lines[1:], 1)
	if !slices.Equal(dev(turned, 1), first) {
		t.Error("the order of the rows has a say")
	}
	if slices.Equal(dev(lines[1:], 2), first) {
		t.Error("another seed draws the same")
	}
}
