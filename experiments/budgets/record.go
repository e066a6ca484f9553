package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// A Record is what became of some runs.
type Record struct {
	Machine string  `json:"machine"`
	Commit  string  `json:"commit"`
	Tasks   []*Task `json:"tasks"`
	Pooled  Change  `json:"pooled"` // the mean of the tasks' differences
}

// A Task is what became of a task's runs, with one or more seeds.
type Task struct {
	Name     string `json:"task"`
	Metric   string `json:"metric"`
	Examples int    `json:"examples"` // of the dev set
	Rows     []Row  `json:"rows"`
	Pooled   Change `json:"pooled"` // the mean of the rows' differences
}

// A Row is both models at a budget.
type Row struct {
	Seed   int     `json:"seed"`
	Budget float64 `json:"budget"` // the share of dense BERT's multiply-adds
	Stage1 float64 `json:"stage1"` // the metric of the model that both come from
	Own    float64 `json:"own"`    // of the model for this budget alone
	Shared float64 `json:"shared"` // of the one for all

	// The multiply-adds of stages 1 and 3, the shared model's over those of this budget's own.
	Training float64 `json:"training"`

	own, shared *problem.Outputs
}

// A Change is how much the shared model's metric is above that of the budgets' own.
type Change struct {
	Mean     float64         `json:"mean"`
	Interval metric.Interval `json:"interval"`
}

// add adds the rows of a pair.
func (r *Record) add(ctx context.Context, p *pair) error {
	e, result := p.shared.Exp, p.shared.Result
	shared, err := p.shared.Model()
	if err != nil {
		return err
	}
	examples, err := p.shared.Dev(shared)
	if err != nil {
		return err
	}
	task := r.task(e.Name, result.Metric, len(examples))
	if result.Metric != task.Metric || len(examples) != task.Examples {
		return fmt.Errorf("%s: has %d examples scored by %s, another run of %s has %d by %s", p.shared.Dir, len(examples), result.Metric, task.Name, task.Examples, task.Metric)
	}
	say := func(m *infer.Model) (*problem.Outputs, float64, error) {
		pass, err := m.Run(ctx, examples, 0, e.Workers)
		if err != nil {
			return nil, 0, err
		}
		value, _, err := pass.Outputs.Score(task.Metric)
		return &pass.Outputs, value, err
	}
	whole, err := work(ctx, p.shared)
	if err != nil {
		return err
	}
	for i, b := range result.Budgets {
		part, err := work(ctx, p.own[i])
		if err != nil {
			return err
		}
		row := Row{Seed: e.Seed, Budget: b.Share, Stage1: p.shared.First.Dev, Training: whole / part}
		at, err := shared.At(b.Share)
		if err != nil {
			return err
		}
		own, err := p.own[i].Model()
		if err != nil {
			return err
		}
		if was, now := own.Config.PowerRetention.Keep, at.Config.PowerRetention.Keep; !slices.Equal(was, now) {
			return fmt.Errorf("%s: keeps %v at %v, %s keeps %v; want the same list", p.own[i].Dir, was, b.Share, p.shared.Dir, now)
		}
		if row.own, row.Own, err = say(own); err != nil {
			return err
		}
		if row.shared, row.Shared, err = say(at); err != nil {
			return err
		}
		task.Rows = append(task.Rows, row)
	}
	return nil
}

// task is the one of a name, which is made if there is none.
func (r *Record) task(name, metric string, examples int) *Task {
	if i := slices.IndexFunc(r.Tasks, func(t *Task) bool { return t.Name == name }); i >= 0 {
		return r.Tasks[i]
	}
	t := &Task{Name: name, Metric: metric, Examples: examples}
	r.Tasks = append(r.Tasks, t)
	return t
}

// sum fills in the differences. A task's is the mean over its rows, whose interval is of draws
// of the dev set, the same for both models and for all rows.
func (r *Record) sum() error {
	for _, t := range r.Tasks {
		var sides [][2]*problem.Outputs
		for _, row := range t.Rows {
			sides = append(sides, [2]*problem.Outputs{row.own, row.shared})
			t.Pooled.Mean += (row.Shared - row.Own) / float64(len(t.Rows))
		}
		var err error
		if t.Pooled.Interval, err = problem.Differences(t.Metric, sides...); err != nil {
			return err
		}
	}
	r.pool()
	return nil
}

// pool means the tasks' differences, which are of different texts.
func (r *Record) pool() {
	var means []float64
	var intervals []metric.Interval
	for _, t := range r.Tasks {
		means, intervals = append(means, t.Pooled.Mean), append(intervals, t.Pooled.Interval)
	}
	r.Pooled.Mean, r.Pooled.Interval = metric.Pooled(means, intervals)
}

// markdown is the record as a table.
func (r *Record) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# One model for several budgets, and one for each\n\n%s, commit %s.\n\n", r.Machine, r.Commit)
	fmt.Fprint(&b, "| task | seed | texts | metric | stage 1 | budget | own model | one for all | difference in points | training, times that of its own |\n|---|--:|--:|---|--:|--:|--:|--:|--:|--:|\n")
	for _, t := range r.Tasks {
		for _, w := range t.Rows {
			fmt.Fprintf(&b, "| %s | %d | %d | %s | %.2f | %g | %.2f | %.2f | %+.2f | %.2f |\n", t.Name, w.Seed, t.Examples, t.Metric,
				100*w.Stage1, w.Budget, 100*w.Own, 100*w.Shared, 100*(w.Shared-w.Own), w.Training)
		}
	}
	b.WriteString("\n")
	for _, t := range r.Tasks {
		fmt.Fprintf(&b, "- %s: %s over %d rows.\n", t.Name, t.Pooled.text(), len(t.Rows))
	}
	fmt.Fprintf(&b, "\nPooled over %d tasks: %s.\n", len(r.Tasks), r.Pooled.text())
	return b.String()
}

func (c *Change) text() string {
	return fmt.Sprintf("%+.2f points [%+.2f, %+.2f]", 100*c.Mean, 100*c.Interval.Low, 100*c.Interval.High)
}
