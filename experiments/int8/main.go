// Int8 gathers what int8 costs the models of runs with `quantize: true`, dense and PoWER, into
// one table: how many labels agree with float32's, and by how many points the metric changes,
// for each and pooled. README.md says how the runs are made.
package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/quantize"
)

func main() { peer.Main("int8", run) }

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	out, dirs, err := peer.Runs("int8", "quantize: true", args)
	if err != nil {
		return err
	}
	var r Record
	if err := rundir.ReadJSONIfThere(filepath.Join(out, "results.json"), &r); err != nil {
		return err
	}
	processor, commit := machine.CPU(), peer.Commit(ctx)
	for _, dir := range dirs {
		rows, err := rowsOf(dir)
		if err != nil {
			return err
		}
		for i := range rows {
			rows[i].Machine, rows[i].Commit = processor, commit
		}
		r.put(rows)
	}
	return peer.WriteRecord(out, &r, r.markdown())
}

// A Record is what became of runs.
type Record struct {
	Rows []Row `json:"rows"`
}

// A Row is one model in both precisions.
type Row struct {
	Run   string `json:"run"`
	Seed  int    `json:"seed"`
	Power bool   `json:"power"` // stage 3's, which removes word-vectors

	Machine string `json:"machine"`
	Commit  string `json:"commit"`

	*quantize.Comparison
}

// rowsOf are the models of a run: dense, and PoWER.
func rowsOf(dir string) (rows []Row, err error) {
	e, err := rundir.ReadExperiment(dir)
	if err != nil {
		return nil, err
	}
	t, err := quantize.Compared(dir)
	if err != nil {
		return nil, fmt.Errorf("%w; want a run with quantize: true", err)
	}
	for i, c := range []*quantize.Comparison{t.Dense, t.Power} {
		if c.Interval == nil {
			return nil, fmt.Errorf("%s: has no difference of the metric; run it again on texts with labels", rundir.ComparisonFile(dir))
		}
		c.Dir, c.Out, c.Data = filepath.Base(c.Dir), filepath.Base(c.Out), filepath.Base(c.Data)
		rows = append(rows, Row{Run: filepath.Base(filepath.Clean(dir)), Seed: e.Seed, Power: i == 1, Comparison: c})
	}
	return rows, nil
}

// put adds the rows of a run, in place of those that were recorded of it.
func (r *Record) put(rows []Row) {
	r.Rows = slices.DeleteFunc(r.Rows, func(w Row) bool { return w.Run == rows[0].Run && w.Seed == rows[0].Seed })
	r.Rows = append(r.Rows, rows...)
}

// points is by how many points the metric of a row changes.
func (w *Row) points() float64 { return 100 * (*w.Int8.Value - *w.Float32.Value) }

// A pooled is the mean change of some rows, in points, each counting the same.
type pooled struct {
	mean      float64
	interval  metric.Interval
	agreement float64 // the least
	rows      int
}

// pool pools the rows that are PoWER's, or the others.
func (r *Record) pool(power bool) (p pooled) {
	p.agreement = 1
	var means []float64
	var intervals []metric.Interval
	for i := range r.Rows {
		w := &r.Rows[i]
		if w.Power != power {
			continue
		}
		means = append(means, w.points())
		intervals = append(intervals, metric.Interval{Low: 100 * w.Interval.Low, High: 100 * w.Interval.High})
		if w.Agreement != nil {
			p.agreement = min(p.agreement, *w.Agreement)
		}
	}
	p.rows = len(means)
	p.mean, p.interval = metric.Pooled(means, intervals)
	return p
}

// markdown is the record as a table.
func (r *Record) markdown() string {
	var b strings.Builder
	fmt.Fprint(&b, "# What int8 costs\n\n| run | seed | model | texts | metric | float32 | int8 | change in points | labels agree | other word-vectors | layers in float32 | on | commit |\n|---|--:|---|--:|---|--:|--:|--:|--:|--:|--:|---|---|\n")
	for i := range r.Rows {
		w := &r.Rows[i]
		fmt.Fprintf(&b, "| %s | %d | %s | %d | %s | %.2f | %.2f | %+.2f [%+.2f, %+.2f] | %s | %s | %d | %s | %s |\n", w.Run, w.Seed, name(w.Power), w.Examples, w.Metric,
			100**w.Float32.Value, 100**w.Int8.Value, w.points(), 100*w.Interval.Low, 100*w.Interval.High, share(w.Agreement), picks(w.ChangedPicks), len(w.FloatLayers()), w.Machine, w.Commit)
	}
	for _, power := range []bool{false, true} {
		p := r.pool(power)
		fmt.Fprintf(&b, "\n%s: %+.2f points [%+.2f, %+.2f] pooled over %d models; at least %.1f %% of the labels agree.\n", name(power), p.mean, p.interval.Low, p.interval.High, p.rows, 100*p.agreement)
	}
	return b.String()
}

func name(power bool) string {
	if power {
		return "PoWER"
	}
	return "dense"
}

func share(agreement *float64) string {
	if agreement == nil {
		return ""
	}
	return fmt.Sprintf("%.1f %%", 100**agreement)
}

// picks is the largest share of the word-vectors that an encoder keeps and are others in int8.
func picks(changed []float64) string {
	if len(changed) == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f %%", 100*slices.Max(changed))
}
