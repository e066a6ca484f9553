package rundir

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What shows a stage, by what the report and the figures say of themselves: the report
// and the survivors are of stage 3, cosines and mutual information of stage 1, the
// strategies of stage 1 and the search's configuration, and pareto of all but pretraining.
// Both precisions are those of stages 1 and 3.
func TestShownIn(t *testing.T) {
	for stage, want := range map[string]string{
		"pretrain": "",
		"finetune": "cosine mutual-information pareto quantize strategies",
		"search":   "pareto strategies",
		"retrain":  "pareto quantize report survivors",
		"pkd-3":    "pareto",
	} {
		var names []string
		for _, path := range shownIn("runs/a", stage) {
			name, format, _ := strings.Cut(filepath.Base(path), ".")
			if filepath.Dir(path) != filepath.Join("runs", "a") {
				t.Errorf("%s: %s is not in the run directory", stage, path)
			}
			if format == "json" || format == "html" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s is shown in %q, want %q", stage, got, want)
		}
	}
	want := []string{filepath.Join("a", "pareto.json"), filepath.Join("a", "pareto.svg"), filepath.Join("a", "pareto.png")}
	if got := shownIn("a", "pkd-3"); !slices.Equal(got, want) {
		t.Errorf("a student is shown in %q, want %q", got, want)
	}
}
