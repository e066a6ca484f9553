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
	Seconds   float64  `json:"seconds"` // of a turn
	Sentences int      `json:"sentences"`
	Busy      float64  `json:"busy_cores"` // before the first turn, by other processes
	Versions  []string `json:"versions"`
	Rows      []*Row   `json:"rows"`
}

// A Row is a server under some load, a figure per round.
type Row struct {
	side
	Connections int       `json:"connections"`
	PerSecond   []float64 `json:"requests_per_second"`
	P50         []float64 `json:"p50_ms"`
	P99         []float64 `json:"p99_ms"`
	Errors      int       `json:"errors"`
}

func newReport(ctx context.Context, rounds int, seconds float64) *Report {
	return &Report{Processor: machine.CPU(), Cores: runtime.NumCPU(), Commit: peer.Commit(ctx),
		Date: time.Now().UTC().Format("2006-01-02 15:04 MST"), Rounds: rounds, Seconds: seconds}
}

// add makes the rows of a server.
func (r *Report) add(s *server) {
	if !slices.Contains(r.Versions, s.version) {
		r.Versions = append(r.Versions, s.version)
	}
	for _, n := range connections {
		r.Rows = append(r.Rows, &Row{side: s.side, Connections: n})
	}
}

// record adds a turn to its row.
func (r *Report) record(s *server, connections int, t Turn) {
	for _, row := range r.Rows {
		if row.side == s.side && row.Connections == connections {
			row.PerSecond = append(row.PerSecond, float64(t.Requests)/t.Seconds)
			row.P50, row.P99, row.Errors = append(row.P50, t.P50), append(row.P99, t.P99), row.Errors+t.Errors
		}
	}
}

// best is the requests a second of a program with a model under some connections: a peer's in
// the way in which it answers most of them.
func (r *Report) best(program, model, precision string, connections int) (most []float64) {
	for _, row := range r.Rows {
		s := row.side
		s.Way = ""
		if s == (side{Program: program, Model: model, Precision: precision}) && row.Connections == connections &&
			(most == nil || metric.RangeOf(row.PerSecond).Median > metric.RangeOf(most).Median) {
			most = row.PerSecond
		}
	}
	return most
}

func (r *Report) json() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", " ")
	return append(text, '\n'), err
}

const notes = `
- A turn: every connection sends a sentence of the dev set as soon as the one before is answered, each beginning elsewhere in the set. Figures are medians over the rounds, in brackets the least and the greatest.
- Load and server share the machine's cores.
- one process: a run has all cores, and takes what has come together, up to 32 texts. a process per core: one core and one text for a run, connections dealt out evenly.
- ours / theirs: requests/s of train serve over those of the peer in the same round, with the same model, in the way in which the peer answers more.
- PoWER faster: requests/s of PoWER over those of BERT in the same round, in the better way of each.
- errors: connections lost, timeouts and answers other than 200, all rounds together.
`

// markdown is the tables for people.
func (r *Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Servers under load\n\n%s, %d cores. Commit %s, %s, %d rounds of %g s, %d sentences of SST-2.\n\n",
		r.Processor, r.Cores, r.Commit, r.Date, r.Rounds, r.Seconds, r.Sentences)
	for _, v := range r.Versions {
		fmt.Fprintf(&b, "- %s\n", v)
	}
	if r.Busy > 0.1 {
		fmt.Fprintf(&b, "\n**Other processes used %.1f cores before the first turn: take these figures for rough.**\n", r.Busy)
	}
	r.ratios(&b)
	b.WriteString("\n| server | model | connections | requests/s | p50 ms | p99 ms | errors |\n|---|---|--:|--:|--:|--:|--:|\n")
	for _, row := range r.Rows {
		program := row.Program
		if row.Way != "" {
			program += ", " + row.Way
		}
		fmt.Fprintf(&b, "| %s | %s, %s | %d | %s | %s | %s | %d |\n", program, row.Model, row.Precision, row.Connections,
			spread(row.PerSecond, 0), spread(row.P50, 2), spread(row.P99, 2), row.Errors)
	}
	b.WriteString("\n## Notes\n" + notes)
	return b.String()
}

// ratios are the tables of ours over theirs, and of PoWER over BERT.
func (r *Report) ratios(b *strings.Builder) {
	fmt.Fprintf(b, "\n| ours / theirs | connections | %s |\n|---|--:|--:|--:|\n", strings.Join(programs[1:], " | "))
	for _, m := range []string{"BERT", "PoWER"} {
		for _, precision := range []string{float32s, int8s} {
			for _, n := range connections {
				fmt.Fprintf(b, "| %s, %s | %d |", m, precision, n)
				for _, p := range programs[1:] {
					fmt.Fprintf(b, " %s |", ratio(r.best(ours, m, precision, n), r.best(p, m, precision, n)))
				}
				b.WriteString("\n")
			}
		}
	}
	fmt.Fprintf(b, "\n| PoWER faster | connections | %s |\n|---|--:|--:|--:|--:|\n", strings.Join(programs, " | "))
	for _, precision := range []string{float32s, int8s} {
		for _, n := range connections {
			fmt.Fprintf(b, "| %s | %d |", precision, n)
			for _, p := range programs {
				fmt.Fprintf(b, " %s |", ratio(r.best(p, "PoWER", precision, n), r.best(p, "BERT", precision, n)))
			}
			b.WriteString("\n")
		}
	}
}

// spread is the median between the least and the greatest.
func spread(values []float64, digits int) string {
	return metric.RangeOf(values).Text(digits)
}

// ratio is that of two rows, round by round.
func ratio(a, b []float64) string {
	return spread(metric.Ratios(a, b), 2)
}
