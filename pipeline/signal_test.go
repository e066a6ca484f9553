package pipeline

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/problem"
)

// warnings is a log of warnings alone, and its lines.
func warnings() (*slog.Logger, *bytes.Buffer) {
	var lines bytes.Buffer
	return slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelWarn})), &lines
}

// Of 100 dev examples, 60 with one label, two standard errors are 9.8 points.
func TestDoubtSignal(t *testing.T) {
	labelled := func(counts ...int) (set []data.Encoded) {
		for label, n := range counts {
			for range n {
				set = append(set, data.Encoded{Label: label})
			}
		}
		return set
	}
	of := &task{problem: problem.Classification, labels: []string{"a", "b"},
		Examples: train.Examples{Train: labelled(7, 3), Dev: labelled(60, 40), HeldOut: labelled(1, 1), Metric: "accuracy"}}
	for dev, want := range map[float64]int{0.5: 1, 0.6: 1, 0.69: 1, 0.7: 0} {
		log, lines := warnings()
		if err := doubtSignal(log, of, dev); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(lines.String(), "on 100 dev examples is not above the 0.6000 of one answer for all"); got != want {
			t.Errorf("accuracy %v: %d warnings, want %d: %s", dev, got, want, lines)
		}
	}
}

// Stage 1 says so when it ends, a dry run, which can have learned nothing, does not.
func TestStage1WithoutSignal(t *testing.T) {
	for steps, want := range map[int]int{0: 1, 1: 0} {
		log, lines := warnings()
		if _, err := Finetune(background, tiny(t, "finetune.epochs=1", "finetune.lr=1e-12"), Options{Dir: empty(t), Log: log, MaxSteps: steps}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(lines.String(), "stage 1 has learned nothing that shows"); got != want {
			t.Errorf("after %d steps: %d warnings, want %d: %s", steps, got, want, lines)
		}
	}
}
