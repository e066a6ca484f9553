package paper

import (
	"context"
	"slices"

	"github.com/powerbert/powerbert/experiments/compare"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// measure adds a row for each group of runs, and for each run that lacks a stage.
func (t *tableMaker) measure(ctx context.Context, dirs []string) error {
	if len(dirs) == 0 {
		return ctx.Err()
	}
	c, err := compare.Runs(dirs)
	if err != nil {
		return err
	}
	for i := range c.Groups {
		if err := t.add(ctx, &c.Groups[i]); err != nil {
			return err
		}
	}
	for _, one := range c.Incomplete {
		e, err := rundir.ReadExperiment(one.Dir)
		if err != nil {
			return err
		}
		why := "not complete: lacks " + one.Missing()
		if !one.Trial && one.Lacks != compare.DryRun {
			why += "; `train run " + rundir.ExperimentFile(one.Dir) + " --out " + one.Dir + "` goes on"
		}
		t.lack(e, one.Dir, why)
	}
	return ctx.Err()
}

// add adds the row of a group, and one for the second dev set where all its runs have
// scored that.
func (t *tableMaker) add(ctx context.Context, g *compare.Group) error {
	var own, other gathering
	for _, one := range g.Runs {
		r, err := report.Open(one.Dir)
		if err != nil {
			return err
		}
		if kind := r.Dense.Config.ModelType; tableNumber(kind) != t.Number {
			row := t.row(r.Experiment, r.Train, r.Dev.Set)
			row.Lacks = "its models are of the kind " + kind + ", which this table is not about"
			t.Rows = append(t.Rows, row)
			return nil
		}
		if err := t.gather(ctx, &own, r, one); err != nil {
			return err
		}
		if r, one, ok := onOtherDevSet(r, one); ok {
			if err := t.gather(ctx, &other, r, one); err != nil {
				return err
			}
		}
	}
	t.Rows = append(t.Rows, own.finish(g))
	if len(other.seen.Runs) == len(g.Runs) {
		t.Rows, t.other = append(t.Rows, other.finish(g)), true
	}
	return nil
}

// A gathering is what the runs of a group come to on one dev set, run by run.
type gathering struct {
	row              TaskRow
	out              Outcome
	seen             compare.Group
	padded, unpadded timed
	last             *report.Run
}

// gather measures a run of a group.
func (t *tableMaker) gather(ctx context.Context, g *gathering, r *report.Run, one compare.Run) (err error) {
	g.row, g.last, g.seen.Runs = t.row(r.Experiment, r.Train, r.Dev.Set), r, append(g.seen.Runs, one)
	g.row.HeldOut = r.Choosing()
	g.out.Runs, g.out.Seeds = append(g.out.Runs, one.Dir), append(g.out.Seeds, one.Seed)
	g.out.Model, g.out.Length = modelInWords(r), r.Dev.Length()
	if g.out.Majority, _, err = r.Constant(r.Experiment.Data.Metric); err != nil {
		return err
	}
	return t.clock(ctx, g)
}

// finish makes the row of the group.
func (g *gathering) finish(of *compare.Group) TaskRow {
	g.seen.Sum()
	g.out.BERT, g.out.PoWER, g.out.Signal = g.seen.BERT, g.seen.PoWER, g.last.Signal(g.seen.BERT.Mean, g.out.Majority)
	g.out.Padded, g.out.Unpadded = g.padded.saved(g.seen.FewerPadded), g.unpadded.saved(g.seen.Fewer)
	g.row.Outcome, g.row.settings = &g.out, of.Settings
	return g.row
}

// onOtherDevSet returns a run and its results as those of the task with the other dev set;
// false: there is none, or the stages did not score it.
func onOtherDevSet(r *report.Run, c compare.Run) (*report.Run, compare.Run, bool) {
	if otherTask[r.Experiment.Data.Task] == "" || r.Also == nil {
		return nil, c, false
	}
	bert, ok := c.BERT.Also[r.AlsoMetric()]
	power, too := c.PoWER.Also[r.AlsoMetric()]
	exp, other := *r.Experiment, *r
	exp.Data.Task = otherTask[exp.Data.Task]
	exp.Name += " on " + exp.Data.Task
	other.Experiment, other.Dev = &exp, r.Also
	c.BERT.Dev, c.BERT.MACs = bert, macs(&other, r.Dense)
	c.PoWER.Dev, c.PoWER.MACs = power, macs(&other, r.Power)
	return &other, c, ok && too
}

// macs counts a model's multiply-adds on the dev set as the stages do.
func macs(r *report.Run, m *infer.Model) rundir.MACs {
	return rundir.MACs{Padded: m.Cost(r.Dev.Encoded, r.Experiment.Data.MaxLength), Real: m.Cost(r.Dev.Encoded, 0)}
}

// timed collects the milliseconds of a batch, run by run.
type timed struct{ bert, power, faster []float64 }

func (t *timed) add(bert, power *infer.Timed, batch int) {
	a, b := bert.PerExample.Median, power.PerExample.Median
	t.bert, t.power, t.faster = append(t.bert, a*float64(batch)), append(t.power, b*float64(batch)), append(t.faster, a/b)
}

func (t *timed) saved(fewer metric.Spread) Saved {
	return Saved{fewer, metric.SpreadOf(t.bert), metric.SpreadOf(t.power), metric.SpreadOf(t.faster)}
}

// clock times a batch of the published size through the models of the last run, filled up
// to N and not padded.
func (t *tableMaker) clock(ctx context.Context, g *gathering) error {
	r := g.last
	n, batch := r.Experiment.Data.MaxLength, publishedBatch(r.Experiment.Data.Task)
	ways := []*infer.Timed{{Model: r.Dense, PadTo: n}, {Model: r.Power, PadTo: n}, {Model: r.Dense}, {Model: r.Power}}
	t.Log.Info("timing", "run", r.Dir)
	timing, err := report.Clock{Examples: batch, Batch: batch, Budget: t.Budget, Log: t.Log}.Time(ctx, ways, r.Dev.Encoded)
	if err != nil {
		return err
	}
	g.padded.add(ways[0], ways[1], timing.Examples)
	g.unpadded.add(ways[2], ways[3], timing.Examples)
	g.out.Timing = append(g.out.Timing, timing)
	t.votes = t.votes || r.Power.Config.PowerRetention.PadQueriesVote
	t.rough = t.rough || slices.ContainsFunc(ways, func(w *infer.Timed) bool { return report.Disturbed(w.PerExample) })
	return nil
}
