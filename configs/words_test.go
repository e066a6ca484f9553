package configs

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A mapping of labels is two lists, numbers and booleans as they are written, and is
// written so that it is read back; a list put over it has no words.
func TestLabelsAsAMapping(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.yaml")
	load := func(yaml string, overrides ...string) *Experiment {
		t.Helper()
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := Load(path, overrides)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	const yaml = "data: {task: demo, labels: {0: Bad, 1.0: 2, true: Good.}}\n"
	e := load(yaml)
	for range 2 {
		if d := e.Data; !slices.Equal(d.Labels, []string{"Bad", "2", "Good."}) || !slices.Equal(d.Words, []string{"0", "1.0", "true"}) {
			t.Fatalf("labels %q for words %q", d.Labels, d.Words)
		}
		if s := e.Source(); !slices.Equal(s.Words, e.Data.Words) {
			t.Errorf("the source has words %q", s.Words)
		}
		e = load(string(e.YAML()))
	}
	if e := load(yaml, "data.labels=[a, b]"); len(e.Data.Words) != 0 || e.Data.Labels[1] != "b" {
		t.Errorf("labels %q for words %q, want a and b for none", e.Data.Labels, e.Data.Words)
	}
	if e := load(yaml, "data.labels={x: a, y: b}"); !slices.Equal(e.Data.Words, []string{"x", "y"}) {
		t.Errorf("words %q, want x and y", e.Data.Words)
	}
}
