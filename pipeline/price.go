package pipeline

import (
	"context"
	"fmt"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/retention"
)

// field is what candidates are made of, for stage 1's model and the inputs of dev.
func field(e *configs.Experiment, c arch.Config, dev []data.Encoded, mass []float64) *budget.Field {
	lengths := data.Lengths(dev)
	cost := func(s budget.Shape, keep []int) float64 {
		to := shaped(e, c, s, keep)
		use := to.Elimination()
		return to.Net().MeanCost(&use, lengths, 0)
	}
	whole := shapeOf(c)
	dense := cost(whole, nil)
	return &budget.Field{Shape: whole, Length: e.Data.MaxLength, Mass: mass,
		Cost: func(s budget.Shape, keep []int) float64 { return cost(s, keep) / dense }}
}

// fieldOf is the field of candidates on the stage 1 of a run, and its task, which the run's
// trials need not read again.
func fieldOf(ctx context.Context, r *run) (*budget.Field, *task, error) {
	t, err := loadTask(ctx, r.exp, r.Options)
	if err != nil {
		return nil, nil, err
	}
	r.read = t
	config, _, err := (&source{r, t}).from(configs.StageFinetune)
	if err != nil {
		return nil, nil, err
	}
	var mass []float64
	if r.exp.Search.Learns() {
		if mass, err = searchedMass(r); err != nil {
			return nil, nil, err
		}
	}
	return field(r.exp, config, t.Dev, mass), t, nil
}

// searchedMass is mass(j; r) of each encoder that the search of a run found.
func searchedMass(r *run) ([]float64, error) {
	found, err := r.place().Stage(configs.StageSearch).ReadRetention()
	if err != nil {
		return nil, err
	}
	return found.Mass, nil
}

// familyOf makes lists for the budgets of a run's experiment, on stage 1's configuration c, by
// the rule of the candidate that the search chose; nil: it asks for none.
func familyOf(r *run, rule string, c arch.Config, t *task) (f retention.Family, err error) {
	shares := r.exp.Retrain.Budgets
	if len(shares) == 0 {
		return nil, nil
	}
	if rule == searchedRetention {
		rule = retention.ListLearned
	}
	var mass []float64
	if rule == retention.ListLearned {
		if mass, err = searchedMass(r); err != nil {
			return nil, err
		}
	}
	if f, err = field(r.exp, c, t.Dev, mass).Family(rule, shares); err != nil {
		err = configError(r.exp, "retrain.budgets", "retrain.budgets: "+err.Error())
	}
	return f, err
}

// named is the candidates' names: those of the experiment, or, where it leaves them open,
// the field's own.
func named(e *configs.Experiment, f *budget.Field) []string {
	if len(e.Search.Candidates) > 0 {
		return e.Search.Candidates
	}
	return f.Names(asked(e))
}

// foretell refuses, before anything is trained, a price that no candidate can meet, and
// warns of what rows that choose cannot tell.
func foretell(r *run, c arch.Config, t *task) error {
	e := r.exp
	if !e.Search.Budgeted() || e.Retrain.Given() {
		return nil
	}
	f := field(e, c, t.Dev, nil)
	if e.Search.Timed() {
		return reachable(e, c, f, t)
	}
	if err := affordable(e, f, t); err != nil {
		return err
	}
	n := len(t.Chooses())
	if width := budget.Error(n); e.Search.MaxDrop != configs.NoPoints && width > float64(e.Search.MaxDrop) {
		r.Log.Warn(fmt.Sprintf("search.max_drop is %v, but %d examples choose: a drop measured on them is uncertain by about %.1f points (95 %%, where two models differ on a tenth of them); "+
			"raise data.held_out for more, or ask for a price with search.target", e.Search.MaxDrop, n, width))
	}
	return nil
}

// affordable reports a price below what any candidate can cost.
func affordable(e *configs.Experiment, f *budget.Field, t *task) error {
	if least := f.Least(named(e, f)); e.Search.Target > 0 && least > e.Search.Target {
		return configError(e, "search.target", fmt.Sprintf("search.target is %g, but with a single word-vector an encoder the least of the candidates still costs %.3f "+
			"of the multiply-adds of dense BERT on inputs of %.1f tokens; raise it, or name students of fewer encoders in search.candidates", e.Search.Target, least, data.MeanLength(t.Dev)))
	}
	return nil
}
