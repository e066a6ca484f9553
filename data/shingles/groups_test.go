package shingles

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// sets are the shingles of texts.
func sets(texts ...string) (list [][]uint64) {
	for _, text := range texts {
		list = append(list, Of([]string{text}))
	}
	return list
}

// A text belongs to the one that it is a part of, whatever its case and signs, and with that
// to all other parts of it; one that only begins alike does not.
func TestGroups(t *testing.T) {
	got := Groups(sets(
		"A long and winding road that leads to your door, it will never disappear.",
		"that leads to your door",
		"It will never disappear!",
		"a long and winding road through the hills",
		"through the hills",
		"never",
		"never",
		"",
		"",
	))
	var groups [][]int
	for i := range got {
		at := slices.IndexFunc(groups, func(g []int) bool { return got[g[0]] == got[i] })
		if at < 0 {
			at, groups = len(groups), append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	if want := [][]int{{0, 1, 2}, {3, 4}, {5, 6}, {7}, {8}}; !reflect.DeepEqual(groups, want) {
		t.Errorf("groups %v, want %v", groups, want)
	}
}

// However many versions of a long text there are, they are together: equal ones but for case
// and signs, and those that differ in a word.
func TestGroupsOfManyVersions(t *testing.T) {
	var texts []string
	for i := range 3 * mostHave {
		texts = append(texts, strings.Repeat("!", i)+" the same words again and again in every row",
			fmt.Sprintf("we are sorry that your order of the first of may with the number %d has not come to you by now and hope for the best", i))
	}
	got := Groups(sets(texts...))
	for i := range got {
		if got[i] != got[i%2] || got[0] == got[1] {
			t.Fatalf("%q is not with %q", texts[i], texts[i%2])
		}
	}
}

// A phrase that many texts have leads no two of them together.
func TestGroupsOfAPhrase(t *testing.T) {
	texts := []string{"as a matter"}
	for i := range mostHave {
		texts = append(texts, fmt.Sprintf("as a matter of fact number %d is %d", i, 7*i))
	}
	if got := Groups(sets(texts...)); got[0] == got[1] || got[1] == got[2] {
		t.Errorf("with %d texts that have it the groups are %v", mostHave+1, got[:3])
	}
	if got := Groups(sets(texts[:mostHave]...)); got[0] != got[1] || got[1] != got[2] {
		t.Errorf("with %d texts that have it the groups are %v", mostHave, got[:3])
	}
}

// The groups are those of comparing each text with each.
func TestGroupsAreThoseOfAllPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var texts []string
	for range 60 {
		words := make([]string, 3+r.IntN(12))
		for k := range words {
			words[k] = fmt.Sprint("w", r.IntN(40))
		}
		texts = append(texts, strings.Join(words, " "))
		from := r.IntN(len(words))
		texts = append(texts, strings.Join(words[from:from+r.IntN(len(words)-from)+1], " ")+[]string{"", " more"}[r.IntN(2)])
	}
	all := sets(texts...)
	want := make(forest, len(all))
	for i := range want {
		want[i] = i
	}
	for i, a := range all {
		for j, b := range all {
			if len(a) > 0 && len(b) >= len(a) && float64(Common(a, b)) >= part*float64(len(a)) {
				want[want.root(i)] = want.root(j)
			}
		}
	}
	got, together := Groups(all), 0
	for i := range all {
		for j := range i {
			if same := want.root(i) == want.root(j); same != (got[i] == got[j]) {
				t.Errorf("%q and %q: together %v, want %v", texts[i], texts[j], !same, same)
			} else if same {
				together++
			}
		}
	}
	if together < 15 || together > 500 {
		t.Errorf("%d pairs are together", together)
	}
}
