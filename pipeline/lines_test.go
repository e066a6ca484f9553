package pipeline

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/pipeline/rundir"
)

// lines reads the lines of a stage's metrics.jsonl that are evaluations, or not.
func lines[L any](t *testing.T, dir string, evaluations bool) []L {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var list []L
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `"eval":true`) != evaluations {
			continue
		}
		var l L
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("metrics.jsonl: %q: %v", line, err)
		}
		list = append(list, l)
	}
	return list
}

func stepLines(t *testing.T, dir string) []rundir.StepLine {
	return lines[rundir.StepLine](t, dir, false)
}

func evaluations(t *testing.T, dir string) []rundir.EvaluationLine {
	return lines[rundir.EvaluationLine](t, dir, true)
}
