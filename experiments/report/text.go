package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/powerbert/powerbert/internal/text"
)

// WriteText writes the summary as tables for a terminal, with what they mean.
func (s *Summary) WriteText(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n\n", s.Name, s.Title())
	text.Table(&out, s.wayRows())
	if len(s.Ways[0].Also) > 0 {
		out.WriteString("\nthe same, by other measures\n")
		text.Table(&out, s.alsoRows())
	}
	fmt.Fprintf(&out, "\nword-vectors that leave each encoder, mean of an %s\n", s.Problem.Sequence())
	text.Table(&out, s.keptRows())
	out.WriteString("\n")
	text.Table(&out, s.scoreRows())
	out.WriteString("\n")
	s.Retention.show(&out, s.MaxLength)
	out.WriteString("\n")
	for _, saving := range s.Headline() {
		fmt.Fprintf(&out, "%s %s\n", saving.Value, saving.Text)
	}
	out.WriteString("\n")
	for _, note := range s.Notes() {
		text.Note(&out, note)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// Title says what is compared on what.
func (s *Summary) Title() string {
	return fmt.Sprintf("BERT and PoWER-BERT, %d encoders, on %d dev examples, %.1f word-pieces per %s (N = %d)",
		s.Encoders, s.Examples, s.Length, s.Problem.Sequence(), s.MaxLength)
}

func (s *Summary) wayRows() [][]string {
	rows := [][]string{
		{"", "dev", "multiply-adds", "fewer", "than BERT", "ms per", "", "faster", "than BERT"},
		{"", s.Metric, "per example", "padded", "unpadded", "example", "[min–max]", "padded", "unpadded"},
	}
	for _, w := range s.Ways {
		t := w.Milliseconds
		rows = append(rows, []string{w.Name, fmt.Sprintf("%.4f", w.Dev), text.Millions(w.MACs),
			text.Times(w.FewerMACs.Padded), text.Times(w.FewerMACs.Unpadded), text.Milliseconds(t.Median), "[" + text.Milliseconds(t.Min) + "–" + text.Milliseconds(t.Max) + "]",
			text.Times(w.LessTime.Padded), text.Times(w.LessTime.Unpadded)})
	}
	return rows
}

// alsoRows are what else is reported of the task, a row for each way.
func (s *Summary) alsoRows() [][]string {
	rows := [][]string{append([]string{"dev"}, s.Measures()...)}
	for _, w := range s.Ways {
		row := []string{w.Name}
		for _, name := range s.Measures() {
			row = append(row, fmt.Sprintf("%.4f", w.Also[name]))
		}
		rows = append(rows, row)
	}
	return rows
}

// Measures are the names of what else is reported of the task.
func (s *Summary) Measures() []string { return s.Ways[0].Also.Names() }

func (s *Summary) keptRows() [][]string {
	rows := [][]string{{"encoder"}}
	for j := range s.Encoders {
		rows[0] = append(rows[0], fmt.Sprint(j+1))
	}
	for _, w := range s.Ways {
		row := []string{w.Name}
		for _, n := range w.Kept {
			row = append(row, fmt.Sprintf("%.1f", n))
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *Summary) scoreRows() [][]string {
	rows := [][]string{{"the same dev set by", s.ComparedBy}}
	for _, score := range s.Scores {
		rows = append(rows, []string{score.Name, fmt.Sprintf("%.4f", score.Value)})
	}
	return rows
}
