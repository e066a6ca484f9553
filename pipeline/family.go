package pipeline

import (
	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/retention"
)

// family makes what stage 3 is to train serve the budgets of the experiment, if it has any,
// on stage 1's configuration c: lists by the rule that the search chose, of which the outcome
// keeps the largest.
func (r *run) family(o *outcome, c arch.Config, t *task) (err error) {
	shares := r.exp.Retrain.Budgets
	if len(shares) == 0 {
		return nil
	}
	rule := o.from
	if rule == searchedRetention {
		rule = retention.ListLearned
	}
	var mass []float64
	if rule == retention.ListLearned {
		found, err := r.place().Stage(configs.StageSearch).ReadRetention()
		if err != nil {
			return err
		}
		mass = found.Mass
	}
	if o.budgets, err = field(r.exp, c, t.Dev, mass).Family(rule, shares); err != nil {
		return configError(r.exp, "retrain.budgets", "retrain.budgets: "+err.Error())
	}
	o.keeps = counts(r.exp, o.budgets[0].Keep)
	return nil
}

// atBudgets is what a model scores and costs at each of its budgets; none of a model that
// has none.
func atBudgets(c *arch.Config, score train.Score, chosen []train.Score, t *task) (list []rundir.AtBudget) {
	for i, b := range c.Budgets {
		at := c.Clone()
		at.PowerRetention.Keep = b.Keep
		e := at.Elimination()
		one := rundir.AtBudget{Share: b.Share, Keep: b.Keep, MACs: estimate.MACs(&at, &e, t.Dev, t.maxLength), Dev: score.Value, Loss: score.Loss}
		if len(score.Budgets) > 0 {
			one.Dev, one.Loss = score.Budgets[i].Value, score.Budgets[i].Loss
		}
		if one.Chosen = one.Dev; len(chosen) > 0 {
			one.Chosen = chosen[i].Value
		}
		list = append(list, one)
	}
	return list
}
