package paper

import (
	"cmp"
	"slices"

	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/metric"
)

// A Table is one of the paper's tables of results: what BERT (table 1) or ALBERT
// (table 2) comes to on each task, and PoWER-BERT made of it.
type Table struct {
	Number  int       `json:"table"`
	Rows    []TaskRow `json:"rows"` // in the paper's order of tasks
	Without []Without `json:"without_data"`
	rough   bool      // something else kept the machine busy
	votes   bool      // padding votes in the scores of a model
	other   bool      // a row is of its runs' second dev set
}

// A TaskRow is an experiment of a task: its data as read, and what its runs came to.
// Runs that differ in seed alone share a row.
type TaskRow struct {
	Name            string    `json:"name"` // of the experiment, with what tells it from others of that name
	Task            string    `json:"task"`
	Metric          string    `json:"metric"`
	Classes         int       `json:"classes"` // 0 of a regression
	MaxLength       int       `json:"max_length"`
	PublishedLength int       `json:"published_max_length,omitempty"`
	Train           int       `json:"train"`              // examples
	HeldOut         int       `json:"held_out,omitempty"` // rows that the choices of its runs went by; 0: dev
	Dev             int       `json:"dev"`
	Published       *tableRow `json:"published,omitempty"`
	Lacks           string    `json:"lacks,omitempty"` // why there is no outcome, and what to do
	*Outcome
	settings map[string]any // in which its runs differ from others
}

// An Outcome is what runs of a task came to. A Spread is over the runs.
type Outcome struct {
	Model    string          `json:"model"`
	Runs     []string        `json:"runs"`
	Seeds    []int           `json:"seeds"`
	Length   float64         `json:"mean_length"` // of the dev set, in word-pieces
	Majority float64         `json:"majority"`    // the metric of the best answer that is the same for all examples
	Signal   bool            `json:"signal"`      // stage 1 beats it by more than chance would
	BERT     metric.Spread   `json:"bert"`        // the metric on the dev set, of stage 1
	PoWER    metric.Spread   `json:"power"`       // of stage 3
	Padded   Saved           `json:"padded"`      // every input filled up to N, as in the paper
	Unpadded Saved           `json:"unpadded"`    // both without padding
	Timing   []report.Timing `json:"timing"`      // of each run
}

// Saved is what PoWER-BERT saves.
type Saved struct {
	Fewer   metric.Spread `json:"fewer_multiply_adds"` // times
	BERTMS  metric.Spread `json:"bert_ms"`             // of a batch
	PoWERMS metric.Spread `json:"power_ms"`
	Faster  metric.Spread `json:"faster"` // times
}

// Without are experiments whose data cannot be read, for one reason.
type Without struct {
	Configs []string `json:"configs"`
	Why     string   `json:"why"`
}

// sort puts the rows into the paper's order of tasks; other tasks come after them.
func (t *Table) sort() {
	place := func(r TaskRow) int {
		if at := slices.Index(publishedTasks, r.Task); at >= 0 {
			return at
		}
		return len(publishedTasks)
	}
	slices.SortStableFunc(t.Rows, func(a, b TaskRow) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Name, b.Name))
	})
}
