package arch

import (
	"reflect"
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// A model eliminates as its configuration says, in every respect by itself.
func TestEliminationIsTheConfigurations(t *testing.T) {
	plain := retention.Configuration{Ranks: "absolute", MaxLength: 9, Keep: []int{4, 2}}
	want := retention.Elimination{Keep: []int{4, 2}, Length: 9}
	for name, change := range map[string]func(*retention.Configuration, *retention.Elimination){
		"nothing else":   func(*retention.Configuration, *retention.Elimination) {},
		"relative ranks": func(c *retention.Configuration, e *retention.Elimination) { c.Ranks, e.Relative = "relative", true },
		"value norms": func(c *retention.Configuration, e *retention.Elimination) {
			c.Score, e.Score = retention.ScoreValue, retention.ScoreValue
		},
		"padding votes": func(c *retention.Configuration, e *retention.Elimination) {
			c.PadQueriesVote, e.PadQueriesVote = true, true
		},
		"diagonal subtracted": func(c *retention.Configuration, e *retention.Elimination) {
			c.SubtractDiagonal, e.SubtractDiagonal = true, true
		},
	} {
		r, e := plain, want
		change(&r, &e)
		c := odd(DefaultConfig())
		c.PowerRetention = &r
		if got := c.Elimination(); !reflect.DeepEqual(got, e) {
			t.Errorf("%s: got %+v, want %+v", name, got, e)
		}
	}
	dense := odd(DefaultConfig())
	if got := dense.Elimination(); !reflect.DeepEqual(got, retention.Elimination{}) {
		t.Errorf("without a configuration: got %+v", got)
	}
}
