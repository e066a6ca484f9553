package report

import (
	"reflect"
	"testing"
)

// What is told of a word is where it was decided: in the encoder that let it go, or in the
// last one that ranked it.
func TestFate(t *testing.T) {
	v := view{Report: &Report{Summary: Summary{Encoders: 4}}}
	s := Sentence{Entering: []int{20, 12, 5, 3}}
	for _, c := range []struct {
		word Word
		want string
	}{
		{Word{Survives: 0, Ranks: []int{14}, Score: 0.4216}, "goes at encoder 1 of 4: in encoder 1 its score is 0.422, rank 14 of 20, of which 12 go on"},
		{Word{Survives: 2, Ranks: []int{3, 4, 5}, Score: 2}, "goes at encoder 3 of 4: in encoder 3 its score is 2, rank 5 of 5, of which 3 go on"},
		{Word{Survives: 3, Ranks: []int{3, 4, 2}, Score: 2}, "lives through 3 of 4 encoders: in encoder 3 its score is 2, rank 2 of 5, of which 3 go on"},
		{Word{Survives: 4, Ranks: []int{3, 4, 2, 1}, Score: 1}, "lives through 4 of 4 encoders: in encoder 4 its score is 1, rank 1 of 3"},
		{Word{Survives: 1}, "goes at encoder 2 of 4"}, {Word{Survives: 4}, "lives through 4 of 4 encoders"},
	} {
		if got := v.Fate(s, c.word); got != c.want {
			t.Errorf("%+v %s, want %s", c.word, got, c.want)
		}
	}
}

func TestEntering(t *testing.T) {
	if got, want := entering([]int{3, 0, 1, 2, 0, 3}, 3), []int{6, 4, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v enter, want %v", got, want)
	}
}
