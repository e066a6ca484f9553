package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/metric"
)

// A Report is everything that was measured, and on what.
type Report struct {
	Processor string   `json:"processor"`
	Cores     int      `json:"cores"`
	Commit    string   `json:"commit"`
	Date      string   `json:"date"`
	Rounds    int      `json:"rounds"`
	Seconds   int      `json:"seconds"` // of a turn
	Sentences int      `json:"sentences"`
	Busy      float64  `json:"busy_cores"` // before the first turn, by other processes
	Versions  []string `json:"versions"`
	Rows      []*Row   `json:"rows"`
}

// A Row is a server under some load, a figure per round.
type Row struct {
	Program     string    `json:"program"`
	Model       string    `json:"model"`
	Connections int       `json:"connections"`
	PerSecond   []float64 `json:"requests_per_second"`
	P50         []float64 `json:"p50_ms"`
	P99         []float64 `json:"p99_ms"`
	Errors      int       `json:"errors"`
}

func newReport(ctx context.Context, rounds, seconds int) *Report {
	return &Report{Processor: machine.CPU(), Cores: runtime.NumCPU(), Commit: peer.Commit(ctx),
		Date: time.Now().UTC().Format("2006-01-02 15:04 MST"), Rounds: rounds, Seconds: seconds}
}

// add makes the rows of a server.
func (r *Report) add(s *server) {
	if !slices.Contains(r.Versions, s.version) {
		r.Versions = append(r.Versions, s.version)
	}
	for _, n := range connections {
		r.Rows = append(r.Rows, &Row{Program: s.program, Model: s.model, Connections: n})
	}
}

// row finds one.
func (r *Report) row(program, model string, connections int) *Row {
	i := slices.IndexFunc(r.Rows, func(row *Row) bool {
		return row.Program == program && row.Model == model && row.Connections == connections
	})
	return r.Rows[i]
}

// record adds a turn to its row.
func (r *Report) record(s *server, connections int, t TurnResult) {
	row := r.row(s.program, s.model, connections)
	row.PerSecond = append(row.PerSecond, float64(t.Requests)/t.Seconds)
	row.P50, row.P99, row.Errors = append(row.P50, t.P50), append(row.P99, t.P99), row.Errors+t.Errors
}

func (r *Report) json() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", " ")
	return append(text, '\n'), err
}

const notes = `
- A turn: every connection sends a sentence of the dev set as soon as the one before is answered, each beginning elsewhere in the set. Figures are medians over the rounds, in brackets the least and the greatest.
- Load and server share the machine's cores.
- faster: requests/s of PoWER over those of BERT on the same server in the same round.
- ours / theirs: requests/s of train serve over those of ONNX Runtime in the same round.
- errors: connections lost, timeouts and answers other than 200, all rounds together.
`

// markdown is the tables for people.
func (r *Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Servers under load\n\n%s, %d cores. Commit %s, %s, %d rounds of %d s, %d sentences of SST-2.\n\n",
		r.Processor, r.Cores, r.Commit, r.Date, r.Rounds, r.Seconds, r.Sentences)
	for _, v := range r.Versions {
		fmt.Fprintf(&b, "- %s\n", v)
	}
	if r.Busy > 0.1 {
		fmt.Fprintf(&b, "\n**Other processes used %.1f cores before the first turn: take these figures for rough.**\n", r.Busy)
	}
	b.WriteString("\n| server | model | connections | requests/s | p50 ms | p99 ms | errors |\n|---|---|--:|--:|--:|--:|--:|\n")
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %s | %s | %d |\n", row.Program, row.Model, row.Connections,
			spread(row.PerSecond, 0), spread(row.P50, 2), spread(row.P99, 2), row.Errors)
	}
	b.WriteString("\n| connections | PoWER faster, train serve | PoWER faster, ONNX Runtime | ours / theirs, BERT | ours / theirs, PoWER |\n|--:|--:|--:|--:|--:|\n")
	for _, n := range connections {
		at := func(program, model string) []float64 { return r.row(program, model, n).PerSecond }
		const ours, theirs = "train serve", "ONNX Runtime"
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", n, ratio(at(ours, "PoWER"), at(ours, "BERT")), ratio(at(theirs, "PoWER"), at(theirs, "BERT")),
			ratio(at(ours, "BERT"), at(theirs, "BERT")), ratio(at(ours, "PoWER"), at(theirs, "PoWER")))
	}
	b.WriteString("\n## Notes\n" + notes)
	return b.String()
}

// spread is the median between the least and the greatest.
func spread(values []float64, digits int) string {
	s := metric.RangeOf(values)
	return fmt.Sprintf("%.*f [%.*f–%.*f]", digits, s.Median, digits, s.Min, digits, s.Max)
}

// ratio is that of two rows, round by round.
func ratio(a, b []float64) string {
	return spread(metric.Ratios(a, b), 2)
}
