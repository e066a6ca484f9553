package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// A Record is what became of some runs.
type Record struct {
	Machine string   `json:"machine"`
	Commit  string   `json:"commit"`
	Rows    []*Row   `json:"rows"`   // of each candidate, factor and task
	Pooled  []Pooled `json:"pooled"` // of each candidate and factor, over tasks
}

// A Row is a factor on a task.
type Row struct {
	Task      string `json:"task"`
	Metric    string `json:"metric"`
	Examples  int    `json:"examples"` // of the dev set
	Candidate string `json:"candidate"`
	Factor    string `json:"factor"`
	Pairs     []Pair `json:"pairs"` // by seed
	Dev       Change `json:"dev"`   // the mean of the pairs
	Chosen    Change `json:"chosen"`
	sides     [][2]*problem.Outputs
}

// A Pair is a run without the factor and one with it: the metric on the dev set, and on the
// rows that choose, which no stage learned.
type Pair struct {
	Seed          int     `json:"seed"`
	Without       float64 `json:"without"`
	With          float64 `json:"with"`
	ChosenWithout float64 `json:"chosen_without"`
	ChosenWith    float64 `json:"chosen_with"`
}

// A Change is by how much the metric is higher with the factor.
type Change struct {
	Mean     float64          `json:"mean"`
	Interval *metric.Interval `json:"interval,omitempty"` // of draws of the texts, the same for all seeds
}

// A Pooled is the mean change of the tasks' dev sets, each counting the same.
type Pooled struct {
	Candidate string `json:"candidate"`
	Factor    string `json:"factor"`
	Tasks     int    `json:"tasks"`
	Dev       Change `json:"dev"`
}

// add adds a run beside the one that it is held against.
func (r *Record) add(ctx context.Context, t *trial) error {
	if t.base == nil {
		return nil
	}
	without, err := t.base.say(ctx)
	if err != nil {
		return err
	}
	with, err := t.say(ctx)
	if err != nil {
		return err
	}
	row := r.row(t, len(with.Logits))
	row.sides = append(row.sides, [2]*problem.Outputs{without, with})
	row.Pairs = append(row.Pairs, Pair{t.Exp.Seed, t.base.Result.Dev, t.Result.Dev, t.base.Result.Chosen, t.Result.Chosen})
	return nil
}

// row is the one of a run's task, candidate and factor, which is made if there is none.
func (r *Record) row(t *trial, examples int) *Row {
	i := slices.IndexFunc(r.Rows, func(w *Row) bool {
		return w.Task == t.Exp.Name && w.Candidate == t.candidate && w.Factor == t.factor
	})
	if i < 0 {
		i, r.Rows = len(r.Rows), append(r.Rows, &Row{Task: t.Exp.Name, Metric: t.Result.Metric, Examples: examples, Candidate: t.candidate, Factor: t.factor})
	}
	return r.Rows[i]
}

// sum fills in the changes.
func (r *Record) sum() error {
	for _, w := range r.Rows {
		n := float64(len(w.Pairs))
		for _, p := range w.Pairs {
			w.Dev.Mean += (p.With - p.Without) / n
			w.Chosen.Mean += (p.ChosenWith - p.ChosenWithout) / n
		}
		interval, err := problem.Differences(w.Metric, w.sides...)
		if err != nil {
			return err
		}
		w.Dev.Interval = &interval
	}
	r.pool()
	return nil
}

// pool means the changes of a candidate's factor over tasks.
func (r *Record) pool() {
	for _, w := range r.Rows {
		of := func(p Pooled) bool { return p.Candidate == w.Candidate && p.Factor == w.Factor }
		if slices.ContainsFunc(r.Pooled, of) {
			continue
		}
		p := Pooled{Candidate: w.Candidate, Factor: w.Factor}
		var means []float64
		var intervals []metric.Interval
		for _, other := range r.Rows {
			if of(Pooled{Candidate: other.Candidate, Factor: other.Factor}) {
				means, intervals = append(means, other.Dev.Mean), append(intervals, *other.Dev.Interval)
			}
		}
		mean, pooled := metric.Pooled(means, intervals)
		p.Tasks, p.Dev.Mean, p.Dev.Interval = len(means), mean, &pooled
		r.Pooled = append(r.Pooled, p)
	}
}

// markdown is the record as a table.
func (r *Record) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# One factor at a time\n\n%s, commit %s.\n\n", r.Machine, r.Commit)
	fmt.Fprint(&b, "| list | factor | task | texts | metric | without, by seed | with | change in points | on the rows that choose |\n|---|---|---|--:|---|---|---|--:|--:|\n")
	for _, w := range r.Rows {
		var without, with []string
		for _, p := range w.Pairs {
			without, with = append(without, fmt.Sprintf("%.1f", 100*p.Without)), append(with, fmt.Sprintf("%.1f", 100*p.With))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %s | %s | %s | %s | %s |\n", w.Candidate, w.Factor, w.Task, w.Examples, w.Metric,
			strings.Join(without, ", "), strings.Join(with, ", "), w.Dev.text(), w.Chosen.text())
	}
	b.WriteString("\n")
	for _, p := range r.Pooled {
		fmt.Fprintf(&b, "- %s, %s: %s, pooled over %d tasks.\n", p.Candidate, p.Factor, p.Dev.text(), p.Tasks)
	}
	return b.String()
}

func (c *Change) text() string {
	text := fmt.Sprintf("%+.1f", 100*c.Mean)
	if c.Interval != nil {
		text += fmt.Sprintf(" [%+.1f, %+.1f]", 100*c.Interval.Low, 100*c.Interval.High)
	}
	return text
}
