package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A Point is a model on a side: what it reaches and what it takes, from text to label.
type Point struct {
	Model        string       `json:"model"`
	Side         string       `json:"side"`
	Precision    string       `json:"precision"`
	Value        float64      `json:"value"`                 // the metric on dev
	Bytes        int64        `json:"bytes"`                 // of the weights' files
	Milliseconds metric.Range `json:"milliseconds_per_text"` // one text at a time
	PerSecond    metric.Range `json:"texts_per_second"`      // all of them
}

// name tells a point from others.
func (p *Point) name() string {
	if p.Precision == "" {
		return p.Model + ", " + p.Side
	}
	return p.Model + ", " + p.Precision + ", " + p.Side
}

// A Front is what was measured of a task.
type Front struct {
	Task    string  `json:"task"`
	Metric  string  `json:"metric"`
	Texts   int     `json:"texts"`
	Batch   int     `json:"batch"`
	Rounds  int     `json:"rounds"`
	Commit  string  `json:"commit"`
	Machine string  `json:"machine"`
	Date    string  `json:"date"`
	Busy    float64 `json:"busy_cores"` // that other programs kept busy before
	Points  []Point `json:"points"`
}

// A cost is one way to see what a point takes: less is better.
type cost struct {
	what string
	of   func(*Point) float64
}

var costs = []cost{
	{"one text at a time", func(p *Point) float64 { return p.Milliseconds.Median }},
	{"many texts", func(p *Point) float64 { return 1e3 / p.PerSecond.Median }},
}

// best are the points that no other one is better than in quality without costing more,
// the cheapest first.
func best(points []Point, c cost) (list []Point) {
	for i := range points {
		p := &points[i]
		beaten := slices.ContainsFunc(points, func(o Point) bool {
			return o.Value >= p.Value && c.of(&o) <= c.of(p) && (o.Value > p.Value || c.of(&o) < c.of(p))
		})
		if !beaten {
			list = append(list, *p)
		}
	}
	slices.SortStableFunc(list, func(a, b Point) int { return cmp.Compare(c.of(&a), c.of(&b)) })
	return list
}

// write writes results.json, results.md and front.svg into a folder.
func (f *Front) write(folder string) error {
	if err := peer.WriteRecord(folder, f, f.markdown()); err != nil {
		return err
	}
	return f.picture(folder)
}

// picture draws front.svg into a folder.
func (f *Front) picture(folder string) error {
	file, err := os.Create(filepath.Join(folder, "front.svg"))
	if err != nil {
		return err
	}
	return errors.Join(f.draw(file), file.Close())
}

// redraw draws the picture and writes the table of a recorded front anew.
func redraw(folder string) error {
	f, err := recorded(folder)
	if err != nil {
		return err
	}
	return f.write(folder)
}

// recorded is the front that a folder has.
func recorded(folder string) (*Front, error) {
	f := &Front{}
	if err := rundir.ReadJSON(filepath.Join(folder, "results.json"), f); err != nil {
		return nil, err
	}
	return f, nil
}

// markdown is the table, and which points lie on the front.
func (f *Front) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s against time, from text to label\n\n%s, commit %s, %s; %.1f cores were busy before. %d dev texts in file order, both precisions of every model, %d rounds in turns; medians, with least and greatest.\n",
		f.Task, f.Metric, f.Machine, f.Commit, f.Date, f.Busy, f.Texts, f.Rounds)
	for _, c := range costs {
		fmt.Fprintf(&b, "\nOn the front, %s:\n\n", c.what)
		for _, p := range best(f.Points, c) {
			fmt.Fprintf(&b, "- %s: %.1f\n", p.name(), 100*p.Value)
		}
	}
	b.WriteString("\n| model | precision | by | " + f.Metric + " | MB | ms per text, one at a time | texts/s, many |\n|---|---|---|--:|--:|--:|--:|\n")
	for _, p := range f.Points {
		fmt.Fprintf(&b, "| %s | %s | %s | %.1f | %.1f | %s | %s |\n", p.Model, p.Precision, p.Side, 100*p.Value, float64(p.Bytes)/1e6,
			p.Milliseconds.Text(2), p.PerSecond.Text(0))
	}
	return b.String()
}
