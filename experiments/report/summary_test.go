package report

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// also is what is reported with the Matthews correlation.
func also(accuracy float64) metric.Scores { return metric.Scores{"accuracy": accuracy} }

// fixed is a summary made up by hand.
func fixed() *Summary {
	s := &Summary{Name: "reviews", Task: "table", Problem: problem.Classification, Metric: "matthews", ComparedBy: "accuracy", Examples: 872, Length: 25.13, MaxLength: 64, Encoders: 3,
		Ways: []Way{
			{Name: "BERT padded", Padded: true, Dev: 0.8123, Kept: []float64{64, 64, 1}, Also: also(0.9), MACs: 120e6, Milliseconds: metric.Range{Median: 8, Min: 7.9, Max: 8.25}},
			{Name: "BERT unpadded", Dev: 0.8123, Kept: []float64{25.13, 25.13, 1}, Also: also(0.9), MACs: 48e6, Milliseconds: metric.Range{Median: 4, Min: 3.5, Max: 4.001}},
			{Name: "PoWER padded", Power: true, Padded: true, Dev: 0.8056, Kept: []float64{20, 9, 1}, Also: also(0.89), MACs: 30e6, Milliseconds: metric.Range{Median: 2, Min: 2, Max: 2}},
			{Name: "PoWER unpadded", Power: true, Dev: 0.8056, Kept: []float64{17.3, 8.96, 1}, Also: also(0.89), MACs: 12e6, Milliseconds: metric.Range{Median: 0.5, Min: 0.4, Max: 0.55}},
		},
		Signal:    true,
		Scores:    []Score{{Name: "majority class", Value: 0.5092}, {Name: "bag of n-grams", Value: 0.75}, {Name: "BERT, stage 1", Value: 0.9}, {Name: "PoWER-BERT, stage 3", Value: 0.89, Power: true}},
		Retention: Retention{From: "search", Strategy: "attention", Ranks: "absolute", Lambda: 2e-4, Mass: []float64{19.4, 8.75, 8.7}, Keep: []int{20, 9, 9}, Undecided: 0.314},
		Timing:    Timing{Examples: 256, Length: 25.2, Batch: 32, Rounds: 5, Backend: "go-avx2", CPU: "a processor"},
	}
	s.compare()
	return s
}

func TestSummaryAsText(t *testing.T) {
	var got strings.Builder
	if err := fixed().WriteText(&got); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/summary.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the summary is\n%s\nwant\n%s", got.String(), want)
	}
	for line := range strings.Lines(got.String()) {
		if n := utf8.RuneCountInString(line); n > 110 || strings.HasSuffix(line, " \n") {
			t.Errorf("line of %d characters, or with blanks at its end: %q", n, line)
		}
	}
}

// The ratios by hand: each way against BERT padded and unpadded.
func TestSummaryCompares(t *testing.T) {
	s := fixed()
	for i, want := range []struct{ macs, time Against }{
		{Against{1, 0.4}, Against{1, 0.5}},
		{Against{2.5, 1}, Against{2, 1}},
		{Against{4, 1.6}, Against{4, 2}},
		{Against{10, 4}, Against{16, 8}},
	} {
		w := s.Ways[i]
		if !close(w.FewerMACs, want.macs) || !close(w.LessTime, want.time) {
			t.Errorf("%s: %+v multiply-adds, %+v time, want %+v, %+v", w.Name, w.FewerMACs, w.LessTime, want.macs, want.time)
		}
	}
}

func close(a, b Against) bool {
	return math.Abs(a.Padded-b.Padded) < 1e-9 && math.Abs(a.Unpadded-b.Unpadded) < 1e-9
}

// A given configuration has no lambda and no masses, and a static strategy counts
// positions.
func TestSummaryOfAGivenConfiguration(t *testing.T) {
	for _, c := range []struct{ strategy, score, ranks, want string }{
		{"attention", "attention", "absolute", "given by retrain.retention: kept of the 64 most significant word-vectors (absolute ranks)\n"},
		{"attention", "value", "absolute", "given by retrain.retention: kept of the 64 word-vectors most significant by attention times value norms (absolute ranks)\n"},
		{"attention", "value", "relative", "kept of 64 parts of an input's length (relative ranks): word-vectors most significant by attention times value norms\n"},
		{"head", "", "absolute", "given by retrain.retention: kept of the 64 first positions (absolute ranks)\n"},
		{"random", "", "relative", "given by retrain.retention: kept of 64 parts of an input's length (relative ranks): positions in an order drawn once\n"},
	} {
		s := fixed()
		s.Retention = Retention{From: "retrain.retention", Strategy: c.strategy, Score: c.score, Ranks: c.ranks, Keep: s.Retention.Keep}
		var got strings.Builder
		if err := s.WriteText(&got); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{c.want, "\n1           –    20  "} {
			if !strings.Contains(got.String(), want) {
				t.Errorf("the summary lacks %q:\n%s", want, got.String())
			}
		}
	}
}

func TestNotesSayWhatIsUnusual(t *testing.T) {
	notes := func(change func(*Summary)) string {
		s := fixed()
		change(s)
		return strings.Join(s.Notes(), "\n")
	}
	for name, c := range map[string]struct {
		change func(*Summary)
		want   string
	}{
		"padding votes": {func(s *Summary) { s.PaddingVotes, s.Ways = true, s.Ways[:3] }, "no unpadded way to run"},
		// (82 + 1.92) / (100 + 3.84) ± 1.96·√(0.82·0.18/100 + 3.84/40000) / 1.0384
		"few examples":   {func(s *Summary) { s.Metric, s.Examples, s.Ways[3].Dev = "accuracy", 100, 0.82 }, "An accuracy of 0.8200 on 100 dev examples is one from 0.73 to 0.88 on others"},
		"a busy machine": {func(s *Summary) { s.Ways[1].Milliseconds.Max = 5.3 }, "kept the machine busy"},
	} {
		if strings.Contains(notes(func(*Summary) {}), c.want) {
			t.Errorf("%s: said without reason", name)
		}
		if !strings.Contains(notes(c.change), c.want) {
			t.Errorf("%s: not said", name)
		}
	}
}

// What is counted by sequences is said to be of an option where an example has several.
func TestSummaryCountsPerOption(t *testing.T) {
	for kind, c := range map[problem.Kind]struct{ want, not string }{
		problem.MultipleChoice: {"option", "per example in the mean"}, problem.Classification: {"example", "option"}, problem.Regression: {"example", "option"},
	} {
		s := fixed()
		s.Problem = kind
		var got strings.Builder
		if err := s.WriteText(&got); err != nil {
			t.Fatal(err)
		}
		page := pageOf(t, &Report{Summary: *s, Stages: []rundir.Record{{}}})
		for _, want := range []string{
			"25.1 word-pieces per " + c.want + " (N = 64)", "\nword-vectors that leave each encoder, mean of an " + c.want + "\n", "multiply-adds  ",
		} {
			if !strings.Contains(got.String(), want) {
				t.Errorf("%s: the summary lacks %q:\n%s", kind, want, got.String())
			}
		}
		for _, want := range []string{"word-vectors of an " + c.want + " that leave encoder", "Word-vectors of an " + c.want + " ", "25.2 word-pieces per " + c.want + " in the mean"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q", kind, want)
			}
		}
		if strings.Contains(got.String(), c.not) {
			t.Errorf("%s: the summary speaks of %q:\n%s", kind, c.not, got.String())
		}
	}
}

// By which rows epochs were chosen decides what a dev figure is worth.
func TestChosen(t *testing.T) {
	for held, want := range map[int]string{0: "no figure here is a test score", 45: "45 rows that none of them learned chose the epochs of all; dev chose nothing."} {
		if got := Chosen(held); !strings.Contains(got, want) {
			t.Errorf("%d rows held out: %s", held, got)
		}
	}
}

// A BERT that is no better than one answer for all says so.
func TestNotesSayWithoutSignal(t *testing.T) {
	s := fixed()
	for _, s.Signal = range []bool{true, false} {
		if got := strings.Contains(strings.Join(s.Notes(), "\n"), "without signal: BERT is not above one answer for all"); got == s.Signal {
			t.Errorf("signal %v: notes %q", s.Signal, s.Notes())
		}
	}
}
