package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// A Retention is the retention configuration of PoWER-BERT.
type Retention struct {
	From     string    `json:"from"`             // "search", "retrain.retention" of the experiment, or the candidate that won at its price
	Strategy string    `json:"strategy"`         // which word-vectors are kept: "attention", "random" or "head"
	Score    string    `json:"score,omitempty"`  // of "attention", by which they are significant: "attention" or "value"
	Ranks    string    `json:"ranks"`            // "absolute", or "relative" to an input's real length
	Lambda   float64   `json:"lambda,omitempty"` // of a search
	Mass     []float64 `json:"mass,omitempty"`   // of a search: mass(j; r)
	Keep     []int     `json:"retention"`        // l_j
	// Undecided is of a search: rundir.Retention.Undecided.
	Undecided float64 `json:"undecided,omitempty"`
}

// Searched returns the retention configuration that a search found.
func Searched(found *rundir.Retention) *Retention {
	return &Retention{From: configs.StageSearch, Ranks: found.Ranks, Lambda: found.Lambda, Mass: found.Mass, Keep: found.Retention, Undecided: found.Undecided()}
}

// barWidth is the longest bar of a chart, in characters.
const barWidth = 40

// WriteText writes the retention configuration of inputs of at most n tokens as a table
// for a terminal.
func (r *Retention) WriteText(w io.Writer, n int) error {
	var out strings.Builder
	r.show(&out, n)
	_, err := io.WriteString(w, out.String())
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
	text.Table(to, rows)
	if len(r.Mass) > 0 {
		fmt.Fprintln(to, r.Rest())
	}
}

// Rest says how much of r a search left neither kept nor removed.
func (r *Retention) Rest() string {
	return fmt.Sprintf("%.0f %% of r between %g and %g: neither kept nor removed", 100*r.Undecided, rundir.UndecidedFrom, rundir.UndecidedTo)
}

// Origin says where the retention configuration comes from.
func (r *Retention) Origin() string {
	switch {
	case r.From == configs.StageSearch:
		return fmt.Sprintf("lambda %g", r.Lambda)
	case r.From == retention.ListLearned && r.Lambda > 0:
		return fmt.Sprintf("learned with lambda %g and scaled to its price", r.Lambda)
	case strings.HasPrefix(r.From, configs.StageRetrain+"."):
		return "given by " + r.From
	}
	return "of the candidate " + r.From
}

// searched tells whether it stands on the masses of a search.
func (r *Retention) searched() bool {
	return r.From == configs.StageSearch || r.From == retention.ListLearned
}

// KeptOf says what the numbers of the retention configuration count, in inputs of at
// most n tokens.
func (r *Retention) KeptOf(n int) string {
	what := map[string]string{retention.StrategyHead: "first positions", retention.StrategyRandom: "positions in an order drawn once"}[r.Strategy]
	if r.Score == retention.ScoreValue {
		what = "word-vectors most significant by " + retention.Scored(r.Score)
	}
	switch {
	case r.Ranks == retention.RanksRelative && what != "":
		return fmt.Sprintf("%d parts of an input's length (relative ranks): %s", n, what)
	case r.Ranks == retention.RanksRelative:
		return fmt.Sprintf("%d parts of an input's length (relative ranks)", n)
	}
	return fmt.Sprintf("the %d %s (absolute ranks)", n, cmp.Or(what, "most significant word-vectors"))
}
