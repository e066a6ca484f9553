package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/metric"
)

// Notes say what is compared, so that no figure promises more than it holds.
func (s *Summary) Notes() []string {
	notes := []string{
		"BERT is stage 1 (finetune/), PoWER is stage 3 (retrain/), which removes word-vectors. Both run by the same code.",
		fmt.Sprintf("padded: every input really is filled up to N = %d, as in the paper's measurements, with padding masked. "+
			"unpadded: no padding is computed, as one would otherwise run BERT. Dropping the padding alone is worth %s.",
			s.MaxLength, text.Times(s.way(false, false).FewerMACs.Padded)),
		"multiply-adds: of the encoders, mean over the dev set, as executed: rows that do not go on leave right after the " +
			"attention scores, and the last encoder is computed for " + s.read() + ", for BERT as for PoWER, since the head reads nothing else.",
		fmt.Sprintf("ms per example: median [min–max] of %d rounds in which the ways take turns, one core, batches of %d, "+
			"%d dev examples drawn evenly over their lengths (%.1f word-pieces per %s in the mean), matrix products by %s on %s.",
			s.Timing.Rounds, s.Timing.Batch, s.Timing.Examples, s.Timing.Length, s.Problem.Sequence(), s.Timing.Backend, s.Timing.CPU),
		"bag of n-grams: " + ofKind[s.Problem].method + " on which word-pieces occur, and which two or three of them in a row where that is better, from the same training set. " + Chosen(s.HeldOut),
	}
	if s.Metric == "accuracy" {
		power := s.Ways[len(s.Ways)-1].Dev
		known := metric.Wilson(int(math.Round(power*float64(s.Examples))), s.Examples)
		notes = append(notes, fmt.Sprintf("An accuracy of %.4f on %d dev examples is one from %.2f to %.2f on others (95 %%, Wilson's interval).", power, s.Examples, known.Low, known.High))
	}
	if !s.Signal {
		notes = append(notes, "without signal: BERT is not above one answer for all by two standard errors of the dev set, so nothing follows from what PoWER-BERT keeps of it.")
	}
	if s.disturbed() {
		notes = append(notes, Roughly)
	}
	if s.PaddingVotes {
		notes = append(notes, "padding votes in the significance scores of this model (pad_queries_vote), so it has no unpadded way to run.")
	}
	return notes
}

// read is what the head reads of the last encoder.
func (s *Summary) read() string {
	if s.ReadsMean {
		return "all that it keeps"
	}
	return "[CLS] alone"
}

// disturbed tells whether some way's rounds took very different times.
func (s *Summary) disturbed() bool {
	return slices.ContainsFunc(s.Ways, func(w Way) bool { return Disturbed(w.Milliseconds) })
}

// Disturbed tells whether rounds took very different times.
func Disturbed(t metric.Range) bool { return t.Max > 1.5*t.Min }

// Roughly warns of times that were disturbed.
const Roughly = "The rounds differ much: something else kept the machine busy. Take the times for rough, or measure again when it is idle."

// Chosen says by which rows the epochs of models were chosen: so many that were held out, or
// dev.
func Chosen(heldOut int) string {
	if heldOut > 0 {
		return fmt.Sprintf("%d rows that none of them learned chose the epochs of all; dev chose nothing.", heldOut)
	}
	return "The dev set chose the epochs of all of them, so no figure here is a test score."
}
