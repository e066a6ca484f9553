package data

import (
	"math"
	"testing"
)

// Of 31 ids, "a" occurs three times and "b" once in train: with one added they have
// probabilities 4/35 and 2/35, and a letter that does not occur 1/35.
func TestFrequencyPerplexity(t *testing.T) {
	tok := letters(t)
	set := func(text string) []Encoded { return []Encoded{{IDs: tok.Encode(text, 0).IDs}} }
	got := FrequencyPerplexity(set("a a b a"), set("a b z"), tok)
	want := math.Cbrt(35.0 / 4 * 35 / 2 * 35)
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("got %v, want %v", got, want)
	}
}
