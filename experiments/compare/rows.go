package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/metric"
)

// Rows are the table of the groups, the first its header; nil where there are none.
func (c *Comparison) Rows() [][]string {
	if len(c.Groups) == 0 {
		return nil
	}
	rows := [][]string{append(slices.Clone(c.Keys), "seed", "n", "metric", "BERT", "PoWER", "multiply-adds", "padded", "fewer", "both padded", "runs")}
	for i := range c.Groups {
		g := &c.Groups[i]
		var seeds, dirs []string
		for _, r := range g.Runs {
			seeds, dirs = append(seeds, fmt.Sprint(r.Seed)), append(dirs, r.Dir)
		}
		rows = append(rows, append(c.values(g.Settings), strings.Join(seeds, " "), fmt.Sprint(len(g.Runs)), g.Metric,
			quality(g.BERT), quality(g.PoWER), millions(g.MACs), millions(g.PaddedMACs), fewer(g.Fewer), fewer(g.FewerPadded), strings.Join(dirs, " ")))
	}
	return rows
}

// IncompleteRows are the table of the runs that lack a stage; nil where there are none.
func (c *Comparison) IncompleteRows() [][]string {
	if len(c.Incomplete) == 0 {
		return nil
	}
	rows := [][]string{append(slices.Clone(c.Keys), "seed", "not complete: lacks", "run")}
	for i := range c.Incomplete {
		r := &c.Incomplete[i]
		rows = append(rows, append(c.values(r.Settings), fmt.Sprint(r.Seed), r.Missing(), r.Dir))
	}
	return rows
}

// values are those of the keys in which the runs differ.
func (c *Comparison) values(settings map[string]any) []string {
	list := make([]string, len(c.Keys))
	for i, key := range c.Keys {
		list[i] = fmt.Sprint(settings[key])
	}
	return list
}

// quality writes a metric, with its spread where several runs have it.
func quality(s metric.Spread) string { return s.Text("%.4f", 1) + between(s, 4) }

func millions(s metric.Spread) string { return fmt.Sprintf("%.1f M", s.Mean/1e6) }

func fewer(s metric.Spread) string { return fmt.Sprintf("%.2f×%s", s.Mean, between(s, 2)) }

// between writes the least and the greatest of several.
func between(s metric.Spread, digits int) string {
	if s.N == 1 {
		return ""
	}
	return fmt.Sprintf(" [%.*f–%.*f]", digits, s.Min, digits, s.Max)
}
