package experiments

import (
	"cmp"
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/powerbert/powerbert/infer"
)

// Options say how a run is measured.
type Options struct {
	Examples int           // dev examples to time; 0: DefaultExamples
	Budget   time.Duration // for timing, about; 0: DefaultBudget
	Program  string        // version of the program, for the report
	Log      *slog.Logger  // of what is being done; nil: silent
}

// The defaults of Options.
const (
	DefaultExamples = 256
	DefaultBudget   = 10 * time.Second
)

// Measure runs the models of a complete run directory: the dev set with each
// way of a Summary, and the clock over a part of it. The error of a directory
// that is not complete is a *rundir.StateError.
func Measure(ctx context.Context, dir string, o Options) (*Report, error) {
	o = o.prepare()
	r, err := openRun(dir)
	if err != nil {
		return nil, err
	}
	s := r.describe()
	if err := r.evaluate(ctx, s, o.Log); err != nil {
		return nil, err
	}
	if err := r.time(ctx, s, o); err != nil {
		return nil, err
	}
	s.compare()
	report := &Report{Dir: dir, Scored: r.scored(), Summary: *s, Stages: r.stages, Experiment: string(r.exp.YAML()), Facts: r.facts(o.Program)}
	if r.retention != nil {
		report.R, report.Reached = r.retention.R, r.retention.Reached
	}
	report.Sentences, err = r.sentences()
	return report, err
}

func (o Options) prepare() Options {
	o.Examples = cmp.Or(o.Examples, DefaultExamples)
	o.Budget = cmp.Or(o.Budget, DefaultBudget)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// describe is the summary of a run before anything is measured.
func (r *run) describe() *Summary {
	s := &Summary{ComparedBy: "accuracy", Name: r.exp.Name, Task: r.exp.Data.Task, Metric: r.exp.Data.Metric, Examples: len(r.dev),
		Length: meanLength(r.dev), MaxLength: r.exp.Data.MaxLength, Encoders: r.dense.Config.NumHiddenLayers,
		PaddingVotes: r.power.Config.PowerRetention.PadQueriesVote}
	if r.scored() {
		s.ComparedBy = s.Metric
	}
	keeps := r.power.Config.PowerRetention
	retrained := r.stages[len(r.stages)-1].Result
	s.Retention = Retention{From: retrained.RetentionFrom, Strategy: retrained.Strategy, Ranks: keeps.Ranks, Keep: keeps.Keep}
	if found := r.retention; found != nil {
		s.Retention.Lambda, s.Retention.Mass = found.Lambda, found.Mass
	}
	s.Ways = []Way{{Name: "BERT padded", Padded: true}, {Name: "BERT unpadded"}, {Name: "PoWER padded", Power: true, Padded: true}}
	if !s.PaddingVotes { // else it would be another model than the one that was trained
		s.Ways = append(s.Ways, Way{Name: "PoWER unpadded", Power: true})
	}
	return s
}

// model and padTo are how a way runs.
func (r *run) model(w *Way) *infer.Model {
	if w.Power {
		return r.power
	}
	return r.dense
}

func (r *run) padTo(w *Way) int {
	if w.Padded {
		return r.exp.Data.MaxLength
	}
	return 0
}

// evaluate runs the dev set each way, on all cores.
func (r *run) evaluate(ctx context.Context, s *Summary, log *slog.Logger) error {
	for i := range s.Ways {
		w := &s.Ways[i]
		log.Info("evaluating", "way", w.Name, "examples", len(r.dev))
		pass, err := r.model(w).Run(ctx, r.dev, r.padTo(w), runtime.GOMAXPROCS(0))
		if err != nil {
			return err
		}
		if w.Dev, w.Also, err = r.score(r.dev, pass.Predictions); err != nil {
			return err
		}
		w.compared = compared(w.Dev, w.Also)
		w.Kept, w.MACs = pass.Kept, r.model(w).Cost(r.dev, r.padTo(w))
		r.predicted = classesOf(pass.Predictions) // the last way is PoWER's
		if err := r.evaluateAlso(ctx, w); err != nil {
			return err
		}
	}
	bert, power := s.way(false, false), &s.Ways[len(s.Ways)-1]
	baselines, err := r.baselines()
	s.Scores = append(baselines, Score{Name: "BERT, stage 1", Value: bert.compared},
		Score{Name: "PoWER-BERT, stage 3", Value: power.compared, Power: true})
	return err
}

// evaluateAlso runs the second dev set, where the task has one.
func (r *run) evaluateAlso(ctx context.Context, w *Way) error {
	if r.alsoTexts == nil {
		return nil
	}
	pass, err := r.model(w).Run(ctx, r.also, r.padTo(w), runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	value, _, err := r.score(r.also, pass.Predictions)
	w.Also = w.Also.With(r.alsoMetric(), value)
	return err
}
