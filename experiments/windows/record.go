package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A Record is what was read so far.
type Record struct {
	Commit  string  `json:"commit"`
	Machine string  `json:"machine"`
	Reviews Reviews `json:"reviews"`
	Truth   []int   `json:"truth"` // of what was read
	Rows    []*Row  `json:"rows"`
	Times   *Times  `json:"times,omitempty"`
}

// Times says how the milliseconds of rows were measured.
type Times struct {
	Commit  string  `json:"commit"`
	Machine string  `json:"machine"`
	Busy    float64 `json:"busy_cores"` // that other programs kept busy before
	Texts   int     `json:"texts"`
	Rounds  int     `json:"rounds"`
}

// A Row is a model and how it reads a text that is longer than it takes in.
type Row struct {
	Seed         int           `json:"seed"`
	Length       int           `json:"length"`  // tokens it takes in
	Learned      string        `json:"learned"` // from texts that are cut, or from their windows
	Stage        string        `json:"stage"`   // stage 1 is dense, stage 3 eliminates
	Read         string        `json:"read"`    // cut, mean or max
	MACs         float64       `json:"multiply_adds"`
	Windows      float64       `json:"windows_per_text"`
	Trained      float64       `json:"training_seconds"`
	Milliseconds *metric.Range `json:"milliseconds_per_text,omitempty"`
	Said         []int         `json:"said"` // of what was read
}

// put puts the rows of a seed in the place of those that were known of it.
func (r *Record) put(t *trial) {
	r.Rows = slices.DeleteFunc(r.Rows, func(was *Row) bool { return was.Seed == t.seed })
	r.Rows, r.Truth = append(r.Rows, t.rows...), t.truth()
}

// name says what is the same for all seeds.
func (r *Row) name() string {
	kind := "dense"
	if r.Stage == configs.StageRetrain {
		kind = "eliminating"
	}
	return fmt.Sprintf("%d | %s | %s | %s", r.Length, kind, r.Learned, r.Read)
}

// right is how many of some examples a row says rightly.
func (r *Row) right(truth, at []int) (n int) {
	for _, i := range at {
		if r.Said[i] == truth[i] {
			n++
		}
	}
	return n
}

// accuracy is of all examples, in per cent.
func (r *Row) accuracy(truth []int) float64 {
	return 100 * float64(r.right(truth, all(len(truth)))) / float64(len(truth))
}

// all are the numbers below n.
func all(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}

// seeds are the rows of a name.
func (r *Record) seeds(name string) (list []*Row) {
	for _, row := range r.Rows {
		if row.name() == name {
			list = append(list, row)
		}
	}
	return list
}

// difference is how many points rows are above others of the same seeds, in their mean, and
// the interval of 95 % of the draws of texts, in which all seeds read the same ones.
func (r *Record) difference(rows, others []*Row) (mean float64, interval metric.Interval) {
	between := func(at []int) float64 {
		points := 0.0
		for i, row := range rows {
			points += 100 * float64(row.right(r.Truth, at)-others[i].right(r.Truth, at)) / float64(len(at)*len(rows))
		}
		return points
	}
	n := len(r.Truth)
	return between(all(n)), metric.Bootstrap(n, between)
}

// readRecord reads the results.json of a folder.
func readRecord(folder string) (*Record, error) {
	r := &Record{}
	if err := rundir.ReadJSON(filepath.Join(folder, "results.json"), r); err != nil {
		return nil, err
	}
	return r, nil
}

// write writes results.json and results.md.
func (r *Record) write(folder string) error {
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return peer.WriteResults(folder, append(content, '\n'), r.markdown())
}

// markdown is the table.
func (r *Record) markdown() string {
	var b strings.Builder
	t, d := r.Reviews.Train, r.Reviews.Read
	fmt.Fprintf(&b, "Commit %s, %s.\n\n", r.Commit, r.Machine)
	fmt.Fprintf(&b, "Learned from %d reviews (%d positive, %.0f tokens in the mean, %d of more than 512), %d others chose the epochs; read %d of more than 512 (%d positive, %.0f tokens in the mean). Windows share %d tokens. Accuracy in per cent; differences in points, with the 95 %% interval of a paired bootstrap over the texts that were read, from models of the same kind that learned from cut texts.\n\n",
		t.Reviews, t.Positive, t.Tokens, t.Long, r.Reviews.Choose.Reviews, d.Reviews, d.Positive, d.Tokens, stride)
	if m := r.Times; m != nil {
		fmt.Fprintf(&b, "Milliseconds: median of %d rounds in which the models take turns, one core, one text after the other, from word-pieces to the label, with the least and the greatest; the first %d texts, commit %s, %s, %.1f cores busy with other things before.\n\n", m.Rounds, m.Texts, m.Commit, m.Machine, m.Busy)
	}
	b.WriteString("| tokens | model | learned from | read | windows | multiply-adds | ms per text | accuracy | from cut at its length | from cut at 512 |\n|--:|---|---|---|--:|--:|--:|--:|--:|--:|\n")
	var done []string
	for _, row := range r.Rows {
		if name := row.name(); !slices.Contains(done, name) {
			done = append(done, name)
			b.WriteString(r.line(row))
		}
	}
	return b.String()
}

// line is the line of a row and of those of other seeds.
func (r *Record) line(row *Row) string {
	rows := r.seeds(row.name())
	values := make([]float64, len(rows))
	for i, of := range rows {
		values[i] = of.accuracy(r.Truth)
	}
	ms := ""
	if row.Milliseconds != nil {
		ms = row.Milliseconds.Text(0)
	}
	return fmt.Sprintf("| %s | %.2f | %.2f G | %s | %s | %s | %s |\n", row.name(), row.Windows, row.MACs/1e9, ms,
		metric.SpreadOf(values).Text("%.1f", 1), r.against(rows, row.Length), r.against(rows, long))
}

// against is the difference of rows from those of a length that learned from cut texts and
// cut them, of the same kind.
func (r *Record) against(rows []*Row, length int) string {
	other := *rows[0]
	other.Length, other.Learned, other.Read = length, cut, cut
	others := r.seeds(other.name())
	if other.name() == rows[0].name() || len(others) < len(rows) { // it is itself, or not trained
		return ""
	}
	mean, v := r.difference(rows, others)
	return fmt.Sprintf("%+.1f [%+.1f, %+.1f]", mean, v.Low, v.High)
}
