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
		c := odd(DefaultBERT())
		c.PowerRetention = &r
		if got := c.Elimination(); !reflect.DeepEqual(got, e) {
			t.Errorf("%s: got %+v, want %+v", name, got, e)
		}
	}
	dense := odd(DefaultBERT())
	if got := dense.Elimination(); !reflect.DeepEqual(got, retention.Elimination{}) {
		t.Errorf("without a configuration: got %+v", got)
	}
}

// A budget that is asked for changes the counts alone, and leaves what was shared as it was.
func TestWithin(t *testing.T) {
	c := odd(DefaultBERT())
	if _, err := c.Within(0.5); err == nil || err.Error() != "the model has one configuration and no budgets, but 0.5 is asked for; retrain.budgets trains it for several" {
		t.Errorf("without budgets: %v", err)
	}
	given := &retention.Configuration{Ranks: "relative", MaxLength: 9, Keep: []int{8, 4}, Score: retention.ScoreValue}
	c.PowerRetention, c.Budgets = given, retention.Family{{Share: 0.5, Keep: []int{8, 4}}, {Share: 0.25, Keep: []int{3, 1}}}
	if b, err := c.Within(0.4); err != nil || b.Share != 0.25 {
		t.Errorf("at 0.4: %+v, %v", b, err)
	}
	want := *given
	want.Keep = []int{3, 1}
	if !reflect.DeepEqual(*c.PowerRetention, want) || given.Keep[0] != 8 {
		t.Errorf("got %+v; what was given is %+v", c.PowerRetention, given)
	}
	if _, err := c.Within(0.2); err == nil || err.Error() != "the model has no budget of 0.2 or less, want one of 0.5, 0.25, or more" {
		t.Errorf("below all: %v", err)
	}
}
