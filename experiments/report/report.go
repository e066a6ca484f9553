package report

import "github.com/powerbert/powerbert/pipeline/rundir"

// A Report is all that the report of a run shows.
type Report struct {
	Dir        string          `json:"dir"`
	Summary    Summary         `json:"summary"`
	Stages     []rundir.Record `json:"-"` // metrics.jsonl has them
	R          [][]float32     `json:"-"` // per encoder and rank: the retention weight
	Reached    [][]int         `json:"-"` // per encoder and rank: training inputs that have a word-vector there
	Sentences  []Sentence      `json:"sentences"`
	Mistakes   *Mistakes       `json:"mistakes,omitempty"`
	Experiment string          `json:"-"` // the resolved YAML
	Facts      []Fact          `json:"facts"`
}
