package arch

import (
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/retention"
)

// Elimination is what the configuration says: hard extraction by its retention
// configuration, nothing where it has none.
func (c *Config) Elimination() retention.Elimination {
	r := c.PowerRetention
	if r == nil {
		return retention.Elimination{}
	}
	return retention.Elimination{Keep: r.Keep, Length: r.MaxLength, Relative: r.Ranks == "relative",
		Score: r.Score, PadQueriesVote: r.PadQueriesVote, SubtractDiagonal: r.SubtractDiagonal, Draw: r.Draw(c.Longest())}
}

// Within makes the configuration that of the largest of its budgets that is no more than
// share, and returns that budget. It reports an error, which lists the budgets, where there
// is none.
func (c *Config) Within(share float64) (retention.Budget, error) {
	b, ok := c.Budgets.Within(share)
	switch {
	case len(c.Budgets) == 0:
		return b, fmt.Errorf("the model has one configuration and no budgets, but %g is asked for; retrain.budgets trains it for several", share)
	case !ok:
		return b, fmt.Errorf("the model has no budget of %g or less, want one of %s, or more", share, listed(c.Budgets.Shares()))
	}
	own := *c.PowerRetention
	own.Keep = b.Keep
	c.PowerRetention = &own
	return b, nil
}

// AtBudget is Within, and returns the share; for a share of 0 the configuration is at the
// largest budget that it has, and stays as it is where it has none, which is 0.
func (c *Config) AtBudget(share float64) (float64, error) {
	if share == 0 && len(c.Budgets) == 0 {
		return 0, nil
	}
	if share == 0 {
		share = c.Budgets[0].Share
	}
	b, err := c.Within(share)
	return b.Share, err
}

// listed is numbers with commas between.
func listed(numbers []float64) string {
	list := make([]string, len(numbers))
	for i, v := range numbers {
		list[i] = fmt.Sprint(v)
	}
	return strings.Join(list, ", ")
}
