package report

import (
	"strings"
	"testing"

	"github.com/powerbert/powerbert/metric"
)

func TestHeadlineWithoutUnpaddedPower(t *testing.T) {
	s := fixed()
	s.Ways = s.Ways[:3]
	for _, saving := range s.Headline() {
		if strings.Contains(saving.Text, "neither") {
			t.Errorf("headline %v of a way that was not run", saving)
		}
	}
	if n := len(fixed().Headline()); n != 5 {
		t.Errorf("%d savings, want 5", n)
	}
}

// Less time is a gain where the slowest round of PoWER is faster than the fastest of BERT,
// and nothing where they overlap, whatever the medians.
func TestHeadlineKeepsToTheSpreadOfTheRounds(t *testing.T) {
	for name, c := range map[string]struct {
		bert, power metric.Range
		want        Saving
	}{
		"a gain":       {metric.Range{Median: 8, Min: 7.9, Max: 8.2}, metric.Range{Median: 4, Min: 3.9, Max: 7.8}, Saving{"2.00×", "less time, both padded (the paper's protocol)"}},
		"an overlap":   {metric.Range{Median: 9, Min: 4.9, Max: 12}, metric.Range{Median: 5, Min: 4.5, Max: 5}, Saving{"no difference", "in time beyond the spread of the rounds, both padded (the paper's protocol)"}},
		"the same":     {metric.Range{Median: 5, Min: 5, Max: 5}, metric.Range{Median: 5, Min: 5, Max: 5}, Saving{"no difference", "in time beyond the spread of the rounds, both padded (the paper's protocol)"}},
		"a loss":       {metric.Range{Median: 4, Min: 3.9, Max: 4.2}, metric.Range{Median: 5, Min: 4.5, Max: 5.5}, Saving{"1.25×", "more time, both padded (the paper's protocol)"}},
		"a small loss": {metric.Range{Median: 4, Min: 3.9, Max: 4.2}, metric.Range{Median: 5, Min: 4.1, Max: 5.5}, Saving{"no difference", "in time beyond the spread of the rounds, both padded (the paper's protocol)"}},
	} {
		s := fixed()
		s.way(false, true).Milliseconds, s.way(true, true).Milliseconds = c.bert, c.power
		s.compare()
		if got := s.Headline(); got[4] != c.want {
			t.Errorf("%s: %q, want %q", name, got[4], c.want)
		}
		if got := s.Headline()[2]; got != (Saving{"8.00×", "less time, neither padded"}) {
			t.Errorf("%s: without padding %q, which has times of its own", name, got)
		}
	}
}
