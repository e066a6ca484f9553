package report

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict/mistakes"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// Options say how a run is measured.
type Options struct {
	Examples int           // dev examples to time; 0: DefaultExamples
	Budget   time.Duration // for timing, about; 0: DefaultBudget
	By       []string      // columns by whose values PoWER-BERT is scored, beside the length
	Program  string        // version of the program, for the report
	Out      string        // file that the report is to go to; "": as Report.Save has it
	Log      *slog.Logger  // of what is being done; nil: silent
}

// Measure runs the models of a complete run directory: the dev set with each
// way of a Summary, and the clock over a part of it. The error of a directory
// that is not complete is a *rundir.StateError. A file that the report cannot go to is
// refused before anything is measured.
func Measure(ctx context.Context, dir string, o Options) (*Report, error) {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	r, err := Open(dir)
	if err != nil {
		return nil, err
	}
	if err := atomicfile.Writable(cmp.Or(o.Out, rundir.ReportFile(dir))); err != nil {
		return nil, fmt.Errorf("%w; name a file that can be written with --out", err)
	}
	if err := r.keepColumns(mistakes.Columns(o.By)); err != nil {
		return nil, err
	}
	m := &measurement{Run: r, log: o.Log, summary: describe(r)}
	m.lineUp()
	said, err := m.evaluate(ctx)
	if err != nil {
		return nil, err
	}
	report := &Report{Dir: dir, Stages: r.Stages, Experiment: string(r.Experiment.YAML()), Facts: facts(r, o.Program)}
	if report.Mistakes, err = mistaken(r, said, mistakes.Columns(o.By)); err != nil {
		return nil, err
	}
	if err := m.time(ctx, Clock{Examples: o.Examples, Budget: o.Budget, Log: o.Log}); err != nil {
		return nil, err
	}
	m.summary.compare()
	report.Summary = *m.summary
	if r.Retention != nil {
		report.R, report.Reached = r.Retention.R, r.Retention.Reached
	}
	report.Sentences, err = Sentences(r.Power, r.Dev, said)
	return report, err
}

// describe makes the summary of a run, without what is measured.
func describe(r *Run) *Summary {
	e, keeps := r.Experiment, kept(r.Power, r.Experiment.Data.MaxLength)
	s := &Summary{Name: e.Name, Task: e.Data.Task, Problem: r.Dev.Problem, Metric: e.Data.Metric, ComparedBy: r.Dev.Problem.ComparedBy(e.Data.Metric),
		Examples: len(r.Dev.Encoded), Length: r.Dev.Length(), MaxLength: e.Data.MaxLength, Encoders: r.Dense.Config.NumHiddenLayers, ReadsMean: r.Dense.Config.Net().Head.Mean,
		PaddingVotes: keeps.PadQueriesVote, HeldOut: r.Choosing()}
	retrained := r.Stages[len(r.Stages)-1].Result
	s.Retention = Retention{From: retrained.RetentionFrom, Strategy: retrained.Strategy, Score: keeps.Score, Ranks: keeps.Ranks, Keep: keeps.Keep}
	if found := r.Retention; found != nil && s.Retention.searched() {
		s.Retention.Lambda, s.Retention.Mass, s.Retention.Undecided = found.Lambda, found.Mass, found.Undecided()
	}
	s.Ways = []Way{{Name: "BERT padded", Padded: true}, {Name: "BERT unpadded"}, {Name: "PoWER padded", Power: true, Padded: true}}
	if !s.PaddingVotes { // else it would be another model than the one that was trained
		s.Ways = append(s.Ways, Way{Name: "PoWER unpadded", Power: true})
	}
	return s
}

// kept returns what a model keeps of inputs of at most so many tokens: of one without a
// retention configuration, a student, everything.
func kept(m *infer.Model, length int) *retention.Configuration {
	if m.Config.PowerRetention != nil {
		return m.Config.PowerRetention
	}
	return &retention.Configuration{MaxLength: length, Ranks: retention.RanksRelative, Keep: slices.Repeat([]int{length}, m.Config.NumHiddenLayers)}
}

// A measurement fills in the summary of a run.
type measurement struct {
	*Run
	log     *slog.Logger
	summary *Summary
	ways    []*infer.Timed // those of the summary
}

// lineUp readies the ways of the summary to be run.
func (m *measurement) lineUp() {
	for _, w := range m.summary.Ways {
		way := &infer.Timed{Model: m.Dense}
		if w.Power {
			way.Model = m.Power
		}
		if w.Padded {
			way.PadTo = m.summary.MaxLength
		}
		m.ways = append(m.ways, way)
	}
}

// evaluate runs the dev set each way, on all cores, and returns what PoWER-BERT says.
func (m *measurement) evaluate(ctx context.Context) (said *problem.Outputs, err error) {
	s := m.summary
	for i := range s.Ways {
		w, way := &s.Ways[i], m.ways[i]
		m.log.Info("evaluating", "way", w.Name, "examples", s.Examples)
		pass, err := way.Model.Run(ctx, m.Dev.Encoded, way.PadTo, runtime.GOMAXPROCS(0))
		if err != nil {
			return nil, err
		}
		said = &pass.Outputs // the last way is PoWER's
		if w.Dev, w.Also, err = said.Score(s.Metric); err != nil {
			return nil, err
		}
		if w.compared, _, err = said.Score(s.ComparedBy); err != nil {
			return nil, err
		}
		w.Kept, w.MACs = pass.Kept, way.Model.Cost(m.Dev.Encoded, way.PadTo)
		if t, ok := trusted(w, way.Model, said); ok && (!w.Padded || s.PaddingVotes && w.Power) {
			s.Probabilities = append(s.Probabilities, t)
		}
		if err := m.evaluateAlso(ctx, w, way); err != nil {
			return nil, err
		}
	}
	constant, _, err := m.Constant(s.Metric)
	if err != nil {
		return nil, err
	}
	s.Signal = m.Run.Signal(s.way(false, false).Dev, constant)
	s.Scores, err = baselines(m.Run, s.ComparedBy)
	s.Scores = append(s.Scores, Score{Name: "BERT, stage 1", Value: s.way(false, false).compared},
		Score{Name: "PoWER-BERT, stage 3", Value: s.Ways[len(s.Ways)-1].compared, Power: true})
	return said, err
}

// evaluateAlso runs the second dev set, where the task has one.
func (m *measurement) evaluateAlso(ctx context.Context, w *Way, way *infer.Timed) error {
	if m.Also == nil {
		return nil
	}
	pass, err := way.Model.Run(ctx, m.Also.Encoded, way.PadTo, runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	value, _, err := pass.Outputs.Score(m.summary.Metric)
	w.Also = w.Also.With(m.AlsoMetric(), value)
	return err
}

// time measures all ways of the summary.
func (m *measurement) time(ctx context.Context, c Clock) (err error) {
	m.summary.Timing, err = c.Time(ctx, m.ways, m.Dev.Encoded)
	for i, way := range m.ways {
		m.summary.Ways[i].Milliseconds = way.PerExample
	}
	return err
}
