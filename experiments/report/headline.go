package report

import (
	"fmt"

	"github.com/powerbert/powerbert/internal/text"
)

// A Saving is a figure that a reader looks for first.
type Saving struct{ Value, Text string }

// Headline is what becomes of the metric, and what PoWER saves: padding aside,
// and in the paper's protocol.
func (s *Summary) Headline() []Saving {
	list := []Saving{{fmt.Sprintf("%.4f → %.4f", s.way(false, true).Dev, s.way(true, true).Dev), "dev " + s.Metric + ", BERT → PoWER"}}
	if w := s.way(true, false); w != nil {
		const how = "neither padded"
		list = append(list, Saving{text.Times(w.FewerMACs.Unpadded), "fewer multiply-adds, " + how}, timeSaved(s.way(false, false), w, how))
	}
	const how = "both padded (the paper's protocol)"
	w := s.way(true, true)
	return append(list, Saving{text.Times(w.FewerMACs.Padded), "fewer multiply-adds, " + how}, timeSaved(s.way(false, true), w, how))
}

// timeSaved is how many times less time PoWER takes than BERT, or more. Where the rounds
// of the two overlap they do not tell.
func timeSaved(bert, power *Way, how string) Saving {
	switch ratio := bert.Milliseconds.Over(power.Milliseconds); {
	case ratio.Holds(1):
		return Saving{"no difference", "in time beyond the spread of the rounds, " + how}
	case ratio.Median < 1:
		return Saving{text.Times(1 / ratio.Median), "more time, " + how}
	default:
		return Saving{text.Times(ratio.Median), "less time, " + how}
	}
}
