package experiments

import (
	"fmt"

	"github.com/powerbert/powerbert/metric"
)

// Notes say what is compared, so that no figure promises more than it holds.
func (s *Summary) Notes() []string {
	bag := "logistic regression"
	if s.ComparedBy != "accuracy" {
		bag = "least squares"
	}
	notes := []string{
		"BERT is stage 1 (finetune/), PoWER is stage 3 (retrain/), which removes word-vectors. Both run by the same code.",
		fmt.Sprintf("padded: every input really is filled up to N = %d, as in the paper's measurements, with padding masked. "+
			"unpadded: no padding is computed, as one would otherwise run BERT. Dropping the padding alone is worth %s.",
			s.MaxLength, times(s.way(false, false).FewerMACs.Padded)),
		"multiply-adds: of the encoders, mean over the dev set, as executed: rows that do not go on leave right after the " +
			"attention scores, and the last encoder is computed for [CLS] alone, for BERT as for PoWER, since the head reads nothing else.",
		fmt.Sprintf("ms per example: median [min–max] of %d rounds in which the ways take turns, one core, batches of %d, "+
			"%d dev examples drawn evenly over their lengths (%.1f word-pieces in the mean), matrix products by %s on %s.",
			s.Timing.Rounds, s.Timing.Batch, s.Timing.Examples, s.Timing.Length, s.Timing.Backend, s.Timing.CPU),
		"bag of words: " + bag + " on which word-pieces occur, from the same training set. " +
			"The dev set chose the epochs of all of them, so no figure here is a test score.",
	}
	if s.disturbed() {
		notes = append(notes, roughly)
	}
	if s.PaddingVotes {
		notes = append(notes, "padding votes in the significance scores of this model (pad_queries_vote), so it has no unpadded way to run.")
	}
	return notes
}

// disturbed tells whether some way's rounds took very different times.
func (s *Summary) disturbed() bool {
	for _, w := range s.Ways {
		if disturbed(w.Milliseconds) {
			return true
		}
	}
	return false
}

// disturbed tells whether rounds took very different times.
func disturbed(t metric.Range) bool { return t.Max > 1.5*t.Min }

// roughly warns of times that were disturbed.
const roughly = "The rounds differ much: something else kept the machine busy. Take the times for rough, or measure again when it is idle."

// alwaysPadded warns of models that have no way to run without padding.
const alwaysPadded = "A model in whose scores padding votes (pad_queries_vote) is padded in any case."

// A Saving is a figure that a reader looks for first.
type Saving struct{ Value, Text string }

// Headline is what becomes of the metric, and what PoWER saves: padding aside,
// and in the paper's protocol.
func (s *Summary) Headline() []Saving {
	list := []Saving{{fmt.Sprintf("%.4f → %.4f", s.way(false, true).Dev, s.way(true, true).Dev), "dev " + s.Metric + ", BERT → PoWER"}}
	if w := s.way(true, false); w != nil {
		list = append(list, Saving{times(w.FewerMACs.Unpadded), "fewer multiply-adds, neither padded"},
			Saving{times(w.LessTime.Unpadded), "less time, neither padded"})
	}
	w := s.way(true, true)
	return append(list, Saving{times(w.FewerMACs.Padded), "fewer multiply-adds, both padded (the paper's protocol)"},
		Saving{times(w.LessTime.Padded), "less time, both padded (the paper's protocol)"})
}
