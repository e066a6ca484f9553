package pipeline

import (
	"cmp"
	"context"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/retention"
)

// Retrain runs stage 3: hard extract layers with the retention configuration of
// the search take the place of the soft ones, Θ goes on from the search's and
// learns to do without the word-vectors that are gone. It keeps the best dev
// epoch. The model's config.json carries its retention configuration.
//
// With retrain.distil it learns from stage 1's model, too.
//
// A configuration that the experiment gives (retrain.retention) takes the place of
// the search's. It needs no search: where there is none, Θ goes on from stage 1's.
func Retrain(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	return runStage(ctx, e, o, configs.StageRetrain, thirdStage)
}

func thirdStage(r *run, t *task) (stage, error) {
	w := &source{r, t}
	config, params, err := w.from(r.place().Before(r.exp, configs.StageRetrain))
	if err != nil {
		return stage{}, err
	}
	out, err := r.outcome()
	if err != nil {
		return stage{}, err
	}
	family, err := familyOf(r, out.rule(), config, t)
	if err != nil {
		return stage{}, err
	}
	out.serve(r.exp, family)
	if out.student != nil {
		if err := out.student.fits(config.NumHiddenLayers); err != nil {
			return stage{}, configError(r.exp, givenStudent, "stage 1's model "+err.Error())
		}
		config, params = out.student.begin(config, params)
	}
	if out.neurons > 0 {
		if config, params, err = w.narrowed(config, params, out.neurons); err != nil {
			return stage{}, err
		}
	}
	config.PowerRetention, config.Budgets = out.keeps, out.budgets
	if err := config.Validate(); err != nil {
		return stage{}, r.unfit(err)
	}
	s := r.retrainStage(config, params)
	s.retention = out.from
	return s, w.teach(&s)
}

// An outcome is what stage 3 is to train.
type outcome struct {
	student *Student                 // of fewer encoders; nil: it has all
	neurons int                      // of each encoder's feed-forward layer; 0: all
	keeps   *retention.Configuration // nil: it removes nothing
	budgets retention.Family         // nil: there is one list, or none
	from    string                   // where this comes from, as result.json says it
}

// rule names the candidate whose lists serve several budgets: of the one model that there is.
func (o *outcome) rule() string {
	if o.neurons > 0 {
		return configs.NarrowStudent(o.neurons)
	}
	return o.from
}

// serve makes the outcome one of several budgets, if there are any: it keeps what the largest
// keeps.
func (o *outcome) serve(e *configs.Experiment, f retention.Family) {
	if o.budgets = f; len(f) > 0 {
		o.keeps = counts(e, f[0].Keep)
	}
}

// outcome is what the experiment gives, what won a tournament, or what the search found.
func (r *run) outcome() (o outcome, err error) {
	switch {
	case r.exp.Retrain.Given():
		o = trained(r.exp, r.exp.Retrain.Student, r.exp.Retrain.Retention)
		o.from = cmp.Or(r.candidate, given(&r.exp.Retrain))
		return o, nil
	case r.exp.Search.Budgeted():
		t, err := wonIn(r.place(), r.exp)
		if err != nil {
			return o, err
		}
		o = trained(r.exp, t.Chosen.Student, t.Chosen.Keep)
		o.from = t.Chosen.Name
		return o, nil
	}
	found, err := r.place().Stage(configs.StageSearch).ReadRetention()
	if err != nil {
		return o, err
	}
	o = trained(r.exp, "", found.Retention)
	o.keeps.MaxLength, o.keeps.Ranks, o.from = found.MaxLength, found.Ranks, searchedRetention
	return o, nil
}

// given is the key that says what stage 3 is to be.
func given(r *configs.Retrain) string {
	if len(r.Retention) == 0 {
		return givenStudent
	}
	return givenRetention
}

// trained is the outcome of a student's name and counts.
func trained(e *configs.Experiment, student string, keep []int) (o outcome) {
	if method, layers, ok := configs.ParseStudent(student); ok {
		o.student = &Student{method, layers}
	}
	o.neurons, _ = configs.ParseNarrow(student)
	if len(keep) > 0 {
		o.keeps = counts(e, keep)
	}
	return o
}

// unfit is the error of a retention configuration that does not fit the model.
func (r *run) unfit(err error) error {
	if r.exp.Retrain.Given() {
		return configError(r.exp, givenRetention, givenRetention+" does not fit the model: "+err.Error())
	}
	return &model.Error{Path: r.place().Stage(configs.StageSearch).Retention(), Err: err}
}

// retrainStage is stage 3 of a model that knows its retention configuration, but for
// its teacher.
func (r *run) retrainStage(c arch.Config, p *model.Params[float32]) stage {
	s := stage{name: configs.StageRetrain}
	use := training(r.exp)
	use.Elimination, use.Distil = c.Elimination(), distilled(r.exp.Retrain.Distil)
	if d := r.exp.Retrain.Distil; len(c.Budgets) > 1 && d.Alpha == 0 {
		use.Distil.Hard, use.Distil.Temperature = 1, d.Temperature // of what budgets learn from one another
	}
	s.learner = train.Learner{Config: c, Params: p, Use: use}
	return s
}
