package pipeline

import (
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// atBudgets is what a model scores and costs at each of its budgets, by what its epoch was
// chosen with; none of a model that has none.
func atBudgets(c *arch.Config, score train.Score, state *train.State, t *task) (list []rundir.AtBudget) {
	for i, b := range c.Budgets {
		at := c.Clone()
		at.PowerRetention.Keep = b.Keep
		e := at.Elimination()
		one := rundir.AtBudget{Share: b.Share, Keep: b.Keep, MACs: estimate.MACs(&at, &e, t.Dev, t.maxLength), Dev: score.Value, Loss: score.Loss, Chosen: state.Best}
		if len(score.Budgets) > 0 {
			one.Dev, one.Loss = score.Budgets[i].Value, score.Budgets[i].Loss
		}
		if len(state.BestBudgets) > 0 {
			one.Chosen = state.BestBudgets[i].Value
		}
		list = append(list, one)
	}
	return list
}
