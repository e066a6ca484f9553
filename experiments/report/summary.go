package report

import (
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// A Summary compares PoWER-BERT (stage 3 of a run) with BERT (stage 1) on the
// dev set, each with its inputs padded to N and not padded.
type Summary struct {
	Name         string       `json:"name"`
	Task         string       `json:"task"`
	Problem      problem.Kind `json:"problem"`
	Metric       string       `json:"metric"`
	Examples     int          `json:"examples"`    // of the dev set
	Length       float64      `json:"mean_length"` // word-pieces per example, of multiple choice per option, cut to N
	MaxLength    int          `json:"max_length"`  // N
	Encoders     int          `json:"encoders"`    // L
	PaddingVotes bool         `json:"padding_votes"`
	ReadsMean    bool         `json:"reads_mean,omitempty"` // the head reads the mean of the last encoder's word-vectors, not [CLS] alone
	Ways         []Way        `json:"ways"`
	ComparedBy   string       `json:"compared_by"` // of Scores: the accuracy, or a regression's metric
	Scores       []Score      `json:"scores"`
	Signal       bool         `json:"signal"`             // BERT beats one answer for all by more than chance would
	HeldOut      int          `json:"held_out,omitempty"` // rows that choices went by; 0: dev
	Retention    Retention    `json:"retention"`
	Timing       Timing       `json:"timing"`

	Probabilities []Trusted `json:"probabilities,omitempty"` // of BERT and PoWER-BERT; none of scores
}

// A Way is a model with padded inputs or without, and what that came to.
type Way struct {
	Name   string `json:"name"`
	Power  bool   `json:"power"`  // PoWER-BERT; else BERT
	Padded bool   `json:"padded"` // every input filled up to N
	// Dev is the experiment's metric on the dev set, run this way.
	Dev float64 `json:"dev"`
	// Also is what else is reported of the task.
	Also metric.Scores `json:"also,omitempty"`
	// Kept is, per encoder, the word-vectors of an example, of multiple choice of an
	// option, that leave it: mean over the dev set.
	Kept []float64 `json:"kept"`
	// MACs are the multiply-adds of the encoders per example, as executed: mean
	// over the dev set.
	MACs float64 `json:"multiply_adds"`
	// Milliseconds are those of an example, over the rounds of Timing.
	Milliseconds metric.Range `json:"milliseconds"`
	FewerMACs    Against      `json:"fewer_multiply_adds"`
	LessTime     Against      `json:"less_time"` // by the medians
	compared     float64      // the metric of Summary.ComparedBy
}

// Against is how many times less than BERT something is.
type Against struct {
	Padded   float64 `json:"padded_bert"`
	Unpadded float64 `json:"unpadded_bert"`
}

// A Score is how well the dev set is predicted, by whom.
type Score struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // of Summary.ComparedBy
	Power bool    `json:"-"`     // PoWER-BERT's
}

// way finds a way; nil where it was not run.
func (s *Summary) way(power, padded bool) *Way {
	for i, w := range s.Ways {
		if w.Power == power && w.Padded == padded {
			return &s.Ways[i]
		}
	}
	return nil
}

// compare fills in the ratios.
func (s *Summary) compare() {
	padded, unpadded := s.way(false, true), s.way(false, false)
	for i := range s.Ways {
		w := &s.Ways[i]
		w.FewerMACs = Against{padded.MACs / w.MACs, unpadded.MACs / w.MACs}
		t := w.Milliseconds.Median
		w.LessTime = Against{padded.Milliseconds.Median / t, unpadded.Milliseconds.Median / t}
	}
}
