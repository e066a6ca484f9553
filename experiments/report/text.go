package experiments

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/retention"
)

// WriteText writes the summary as tables for a terminal, with what they mean.
func (s *Summary) WriteText(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n\n", s.Name, s.Title())
	align(&text, s.wayRows())
	if len(s.Ways[0].Also) > 0 {
		text.WriteString("\nthe same, by other measures\n")
		align(&text, s.alsoRows())
	}
	text.WriteString("\nword-vectors that leave each encoder, mean of an example\n")
	align(&text, s.keptRows())
	text.WriteString("\n")
	align(&text, s.scoreRows())
	text.WriteString("\n")
	s.Retention.show(&text, s.MaxLength)
	text.WriteString("\n")
	for _, saving := range s.Headline() {
		fmt.Fprintf(&text, "%s %s\n", saving.Value, saving.Text)
	}
	text.WriteString("\n")
	for _, note := range s.Notes() {
		wrap(&text, note, 98)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Title says what is compared on what.
func (s *Summary) Title() string {
	return fmt.Sprintf("BERT and PoWER-BERT, %d encoders, on %d dev examples of %.1f word-pieces in the mean (N = %d)",
		s.Encoders, s.Examples, s.Length, s.MaxLength)
}

func (s *Summary) wayRows() [][]string {
	rows := [][]string{
		{"", "dev", "multiply-adds", "fewer", "than BERT", "ms per", "", "faster", "than BERT"},
		{"", s.Metric, "per example", "padded", "unpadded", "example", "[min–max]", "padded", "unpadded"},
	}
	for _, w := range s.Ways {
		t := w.Milliseconds
		rows = append(rows, []string{w.Name, fmt.Sprintf("%.4f", w.Dev), millions(w.MACs),
			times(w.FewerMACs.Padded), times(w.FewerMACs.Unpadded), ms(t.Median), "[" + ms(t.Min) + "–" + ms(t.Max) + "]",
			times(w.LessTime.Padded), times(w.LessTime.Unpadded)})
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

// barWidth is the longest bar of a chart, in characters.
const barWidth = 40

// WriteText writes the retention configuration of inputs of at most n tokens as a table
// for a terminal.
func (r *Retention) WriteText(w io.Writer, n int) error {
	var text strings.Builder
	r.show(&text, n)
	_, err := io.WriteString(w, text.String())
	return err
}

func (r *Retention) show(to *strings.Builder, n int) {
	fmt.Fprintf(to, "retention configuration, %s: kept of %s\n", r.Origin(), r.KeptOf(n))
	rows := [][]string{{"encoder", "mass", "kept", fmt.Sprintf("%-*s", barWidth, fmt.Sprintf("of %d", n))}}
	for j, keep := range r.Keep {
		full := int(math.Round(barWidth * float64(keep) / float64(n)))
		mass := "–"
		if len(r.Mass) > 0 {
			mass = fmt.Sprintf("%.2f", r.Mass[j])
		}
		row := []string{fmt.Sprint(j + 1), mass, fmt.Sprint(keep), strings.Repeat("█", full) + strings.Repeat("·", barWidth-full)}
		if j == len(r.Keep)-1 {
			row = append(row, "free: only [CLS] is read")
		}
		rows = append(rows, row)
	}
	align(to, rows)
}

// Origin says where the retention configuration comes from.
func (r *Retention) Origin() string {
	if r.From == configs.StageSearch {
		return fmt.Sprintf("lambda %g", r.Lambda)
	}
	return "given by " + r.From
}

// KeptOf says what the numbers of the retention configuration count, in inputs of at
// most n tokens.
func (r *Retention) KeptOf(n int) string {
	what := map[string]string{retention.StrategyHead: "first positions", retention.StrategyRandom: "positions in an order drawn once"}[r.Strategy]
	switch {
	case r.Ranks == retention.RanksRelative && what != "":
		return fmt.Sprintf("%d parts of an input's length (relative ranks): %s", n, what)
	case r.Ranks == retention.RanksRelative:
		return fmt.Sprintf("%d parts of an input's length (relative ranks)", n)
	}
	return fmt.Sprintf("the %d %s (absolute ranks)", n, cmp.Or(what, "most significant word-vectors"))
}

func millions(macs float64) string { return fmt.Sprintf("%.2f M", macs/1e6) }
func times(x float64) string       { return fmt.Sprintf("%.2f×", x) }
func ms(x float64) string          { return fmt.Sprintf("%.3f", x) }

// align writes rows as columns, the first to the left, the others to the right. An
// empty row is an empty line, and the rows after it have columns of their own.
func align(to *strings.Builder, rows [][]string) {
	if at := slices.IndexFunc(rows, func(row []string) bool { return len(row) == 0 }); at >= 0 {
		align(to, rows[:at])
		to.WriteString("\n")
		align(to, rows[at+1:])
		return
	}
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			room := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				line = cell + room
			} else {
				line += "  " + room + cell
			}
		}
		to.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// wrap writes a note as the lines of a list item.
func wrap(to *strings.Builder, note string, width int) {
	line := "-"
	for _, word := range strings.Fields(note) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			to.WriteString(line + "\n")
			line = " "
		}
		line += " " + word
	}
	to.WriteString(line + "\n")
}
