package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
)

// The rows that others are held against.
const (
	stage1 = "stage 1"
	longer = "dense, trained as long"
)

// A Record is what was trained so far.
type Record struct {
	Commit  string  `json:"commit"`
	Machine string  `json:"machine"`
	Tasks   []*Task `json:"tasks"` // of each seed
}

// A Task is what was trained for a task with one seed.
type Task struct {
	Name   string    `json:"task"`
	Seed   int       `json:"seed"`
	Metric string    `json:"metric"`
	Truth  []float64 `json:"truth"` // of dev: labels, or scores
	Rows   []*Row    `json:"rows"`
}

// A Row is a model: what it costs and what it reaches.
type Row struct {
	Name    string    `json:"name"`
	Target  float64   `json:"target,omitempty"`    // the price it was made for
	Keep    []int     `json:"retention,omitempty"` // of data.max_length
	MACs    float64   `json:"multiply_adds"`       // executed by the encoders on a dev example, nothing padded; 0: there are none
	HeldOut float64   `json:"held_out"`            // the metric on the rows that choose
	Dev     float64   `json:"dev"`
	Seconds float64   `json:"seconds,omitempty"` // of its training
	Said    []float64 `json:"said"`              // of dev: labels, or scores
}

// row is that of a name at a price; nil: it is not made yet.
func (t *Task) row(name string, price float64) *Row {
	i := slices.IndexFunc(t.Rows, func(r *Row) bool { return r.Name == name && r.Target == price })
	if i < 0 {
		return nil
	}
	return t.Rows[i]
}

// put puts what was trained in the place of what was known of the same task and seed.
func (r *Record) put(t *Task) {
	r.Tasks = slices.DeleteFunc(r.Tasks, func(was *Task) bool { return was.Name == t.Name && was.Seed == t.Seed })
	r.Tasks = append(r.Tasks, t)
}

// write writes results.json and results.md.
func (r *Record) write(ctx context.Context, folder string) error {
	r.Commit, r.Machine = peer.Commit(ctx), report.Processor()
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return peer.WriteResults(folder, append(content, '\n'), r.markdown())
}

// said is what a model says of each example.
func said(o *problem.Outputs) []float64 {
	if !o.Kind.Labelled() {
		scores := make([]float64, len(o.Logits))
		for i, row := range o.Logits {
			scores[i] = float64(row[0])
		}
		return scores
	}
	return floats(o.Classes())
}

// truth is what is true of each example.
func truth(o *problem.Outputs) []float64 {
	if !o.Kind.Labelled() {
		return slices.Concat(o.Targets...)
	}
	return floats(o.Gold)
}

func floats(labels []int) []float64 {
	f := make([]float64, len(labels))
	for i, l := range labels {
		f[i] = float64(l)
	}
	return f
}

// names lists tasks in the order in which they came.
func (r *Record) names() (names []string) {
	for _, t := range r.Tasks {
		if !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	return names
}

// of lists the seeds of a task.
func (r *Record) of(name string) (list []*Task) {
	for _, t := range r.Tasks {
		if t.Name == name {
			list = append(list, t)
		}
	}
	return list
}

// reference is the row that savings are held against: of stage 1 and the dense encoder
// that was trained as long, which is the better one on the rows that choose.
func reference(seeds []*Task) string {
	first, long := 0.0, 0.0
	for _, t := range seeds {
		first, long = first+t.row(stage1, 0).HeldOut, long+t.row(longer, 0).HeldOut
	}
	if long > first {
		return longer
	}
	return stage1
}

// score is the metric of some examples, in the order of at.
func (t *Task) score(r *Row, at []int) float64 {
	said, truth := make([]float64, len(at)), make([]float64, len(at))
	for i, k := range at {
		said[i], truth[i] = r.Said[k], t.Truth[k]
	}
	switch t.Metric {
	case "spearman":
		return metric.Spearman(said, truth)
	case "pearson":
		return metric.Pearson(said, truth)
	}
	v, _ := problem.OfClasses(t.Metric, ints(said), ints(truth), int(slices.Max(t.Truth))+1)
	return v
}

func ints(values []float64) []int {
	n := make([]int, len(values))
	for i, v := range values {
		n[i] = int(v)
	}
	return n
}

// difference is how many points a row is above another in the mean of the seeds, with the
// interval of draws of dev, in which all seeds see the same examples (the paired bootstrap;
// Efron and Tibshirani 1993).
func difference(seeds []*Task, a, b string, price float64) (mean float64, i metric.Interval) {
	all := predict.Between(0, len(seeds[0].Truth))
	return between(seeds, a, b, price, all), metric.Bootstrap(len(all), func(drawn []int) float64 { return between(seeds, a, b, price, drawn) })
}

// between is the difference in points on some examples of dev, mean of the seeds.
func between(seeds []*Task, a, b string, price float64, at []int) (points float64) {
	for _, t := range seeds {
		points += 100 * (t.score(t.row(a, price), at) - t.score(t.row(b, 0), at)) / float64(len(seeds))
	}
	return points
}

// markdown is the table of each task.
func (r *Record) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Commit %s, %s.\n", r.Commit, r.Machine)
	for _, name := range r.names() {
		seeds := r.of(name)
		if slices.ContainsFunc(seeds, func(t *Task) bool { return t.row(longer, 0) == nil }) {
			continue
		}
		against := reference(seeds)
		fmt.Fprintf(&b, "\n## %s\n\n%d dev examples, %s in per cent; differences are from the row %q, in points, with the 95 %% interval of a paired bootstrap over dev. Seeds: %s.\n\n",
			name, len(seeds[0].Truth), seeds[0].Metric, against, numbered(seeds))
		b.WriteString("| model | asked | multiply-adds | fewer | held out | dev | difference |\n|---|--:|--:|--:|--:|--:|--:|\n")
		for _, row := range seeds[0].Rows {
			b.WriteString(line(seeds, row, against))
		}
	}
	return b.String()
}

// numbered lists the seeds.
func numbered(seeds []*Task) string {
	var list []string
	for _, t := range seeds {
		list = append(list, fmt.Sprint(t.Seed))
	}
	return strings.Join(list, ", ")
}

// line is the line of a row, where all seeds have it.
func line(seeds []*Task, row *Row, against string) string {
	var macs, fewer, held, dev []float64
	for _, t := range seeds {
		r := t.row(row.Name, row.Target)
		if r == nil {
			return ""
		}
		if r.MACs > 0 {
			macs, fewer = append(macs, r.MACs/1e6), append(fewer, t.Rows[0].MACs/r.MACs)
		}
		held, dev = append(held, 100*r.HeldOut), append(dev, 100*r.Dev)
	}
	asked, apart, cost := "", "", "|"
	if len(macs) > 0 {
		cost = fmt.Sprintf("%.0f M | %.2f×", metric.SpreadOf(macs).Mean, metric.SpreadOf(fewer).Mean)
	}
	if row.Target > 0 {
		asked = fmt.Sprintf("%.2f", row.Target)
	}
	if row.Name != against {
		mean, i := difference(seeds, row.Name, against, row.Target)
		apart = fmt.Sprintf("%+.1f [%+.1f, %+.1f]", mean, i.Low, i.High)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", row.Name, asked, cost,
		metric.SpreadOf(held).Text("%.1f", 1), metric.SpreadOf(dev).Text("%.1f", 1), apart)
}
