package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/predict/mistakes"
)

// What is shown of a confusion: all of it up to so many labels, and of more labels so many
// pairs, those that are confused most.
const (
	wholeConfusion = 12
	mostPairs      = 20
)

// writePairs writes which labels are most often taken for which.
func writePairs(w io.Writer, e *pipeline.Evaluation) {
	if len(e.Confused) == 0 {
		return
	}
	fmt.Fprint(w, "\nmost confused: true\tpredicted\texamples\tof\tshare\t\n")
	for _, p := range e.Confused[:min(len(e.Confused), mostPairs)] {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t\n", p.True, p.Said, p.Examples, p.Of, percent(p.Share))
	}
}

// writeSlices writes how well the parts of a set are answered.
func writeSlices(w io.Writer, e *pipeline.Evaluation) {
	for _, by := range e.Slices {
		fmt.Fprintf(w, "\n%s\texamples\t%s\t95 %% interval\t\t\n", sliced(by.By), by.Metric)
		for _, s := range by.Slices {
			value, interval := "–", "–"
			if s.Value != nil {
				value, interval = fmt.Sprintf("%.4f", *s.Value), fmt.Sprintf("%.4f–%.4f", s.Interval.Low, s.Interval.High)
			}
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t\n", text.Line(s.Name, 40), s.Examples, value, interval, s.Verdict())
		}
	}
	for _, by := range e.Slices {
		if method := by.Method(); method != "" { // the same for all
			fmt.Fprintf(w, "\nintervals: %s; one in twenty misses by chance\n", method)
			return
		}
	}
}

// sliced names what examples are parted by.
func sliced(by string) string {
	if by == mistakes.ByLength {
		return "length in word-pieces"
	}
	return by
}

// writeErrors writes the examples that are most surely wrong, a line each.
func writeErrors(w io.Writer, errors []mistakes.Error) {
	if len(errors) == 0 {
		fmt.Fprintln(w, "\nno answer is wrong")
		return
	}
	fmt.Fprint(w, "\nmost surely wrong\t\tsaid\ttrue\ttext\n")
	for i := range errors {
		e := &errors[i]
		texts := append([]string{e.Text}, e.Options...)
		if e.Pair != "" {
			texts = append(texts, e.Pair)
		}
		line := text.Line(strings.Join(texts, " | "), 90)
		if len(e.Contradicts) > 0 {
			line += "  (but " + strings.Join(e.Contradicts, ", ") + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.Place(), e.Sureness(), text.Line(e.Said, 30), text.Line(e.Gold, 30), line)
	}
}
