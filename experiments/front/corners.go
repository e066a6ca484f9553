package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
)

// fill puts the corners of a record into a page.
func fill(page, record string) error {
	f, err := recorded(record)
	if err != nil {
		return err
	}
	text, err := f.corners()
	if err != nil {
		return fmt.Errorf("%s: %w", record, err)
	}
	return peer.Fill(page, "corners", text)
}

// corners is a table of our dense model and of the best list, or of the best student where
// there is no list, in float32 and in int8. It reports an error where one of them is not
// there.
func (f *Front) corners() (string, error) {
	dense, power := f.best("dense"), cmp.Or(f.best("learned", "geometric"), f.best("distilbert", "pkd"))
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d texts, %s, commit %s, %s:\n\n| model | precision | %s | MB | ms a text, one at a time | texts/s, many |\n|---|---|--:|--:|--:|--:|\n",
		f.Task, f.Texts, f.Machine, f.Commit, f.Date, f.Metric)
	for _, model := range []string{dense, power} {
		for _, precision := range []string{"float32", "int8"} {
			i := slices.IndexFunc(f.Points, func(p Point) bool {
				return p.Side == "powerbert" && p.Model == model && p.Precision == precision
			})
			if i < 0 {
				return "", fmt.Errorf("has no model %q of ours in %s, which is a corner", model, precision)
			}
			p := &f.Points[i]
			fmt.Fprintf(&b, "| %s | %s | %.1f | %.1f | %.2f | %.0f |\n", p.Model, p.Precision, 100*p.Value, float64(p.Bytes)/1e6, p.Milliseconds.Median, p.PerSecond.Median)
		}
	}
	return b.String(), nil
}

// best is the model of ours in float32 that is best of those whose names begin so, "" where
// there is none.
func (f *Front) best(names ...string) (name string) {
	value := -1.0
	for _, p := range f.Points {
		of := slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(p.Model, n) })
		if p.Side == "powerbert" && p.Precision == "float32" && of && p.Value > value {
			name, value = p.Model, p.Value
		}
	}
	return name
}
