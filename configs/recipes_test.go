package configs

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestEveryRecipe walks the embedded folder, so that no YAML file escapes it.
func TestEveryRecipe(t *testing.T) {
	t.Setenv("POWERBERT_DATA", "/data")
	t.Setenv("POWERBERT_MODEL", "/model")
	count := 0
	err := fs.WalkDir(shipped, ".", func(path string, entry fs.DirEntry, err error) error {
		if entry.IsDir() {
			return err
		}
		count++
		name := strings.TrimSuffix(path, ".yaml")
		e, err := Load(name, nil)
		if err != nil {
			t.Error(err)
			return nil
		}
		if e.Name != name {
			t.Errorf("%s is named %q", path, e.Name)
		}
		if diff := Diff(e, again(t, e)); len(diff) > 1 || len(diff) == 1 && diff[0].Key != "name" {
			t.Errorf("%s comes back with %v", path, diff)
		}
		checkHeading(t, name)
		return nil
	})
	if err != nil || count == 0 || count != len(Recipes()) {
		t.Errorf("%d recipes, %v; want the %d that are listed", count, err, len(Recipes()))
	}
}

// checkHeading wants what it is, how to launch it and how to override it.
func checkHeading(t *testing.T, name string) {
	t.Helper()
	content, _ := Recipe(name)
	if about := About(name); !strings.HasSuffix(about, ".") || len(about) > 100 {
		t.Errorf("%s opens with %q, want a short sentence", name, about)
	}
	command := "run"
	if e, err := Load(name, nil); err == nil && !e.classifies() {
		command = "pretrain"
	}
	for _, want := range []string{"Launch:    train " + command + " " + name + "\n", "Override:  train " + command + " " + name + " --set "} {
		if !strings.Contains(string(content), want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
}

func TestEveryRecipeIsShipped(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, entry := range entries {
		if entry.IsDir() || strings.HasSuffix(entry.Name(), ".yml") {
			t.Errorf("%s would not be embedded", entry.Name())
		}
		if strings.HasSuffix(entry.Name(), ".yaml") {
			count++
		}
	}
	if count != len(Recipes()) {
		t.Errorf("%d of %d YAML files are shipped", len(Recipes()), count)
	}
}

func TestPublishedHyperParameters(t *testing.T) {
	t.Setenv("POWERBERT_DATA", "/data")
	t.Setenv("POWERBERT_MODEL", "/model")
	tests := []struct { // from the README of the authors' code
		name            string
		length, batch   int
		lr, lrr, lambda float64
		metric          string
	}{
		{"cola-base", 64, 32, 2e-5, 1.5e-3, 7e-3, "matthews"},
		{"rte-base", 256, 16, 3e-5, 3e-3, 1e-3, "accuracy"},
		{"qqp-base", 128, 64, 3e-5, 1e-4, 3e-4, "f1"},
		{"mrpc-base", 128, 64, 6e-5, 3e-3, 3e-3, "f1"},
		{"sst2-base", 64, 64, 3e-5, 5e-4, 2e-4, "accuracy"},
		{"mnli-m-base", 128, 64, 3e-5, 2e-4, 1e-4, "accuracy"},
		{"mnli-mm-base", 128, 64, 3e-5, 1e-4, 1e-4, "accuracy"},
		{"qnli-base", 128, 16, 3e-5, 2e-4, 1.5e-4, "accuracy"},
		{"stsb-base", 64, 64, 3e-5, 3e-3, 1e-3, "spearman"},
		{"imdb-base", 512, 64, 3e-5, 5e-4, 2e-4, "accuracy"}, // but for the length SST-2's
		{"race-base", 512, 64, 3e-5, 5e-4, 2e-4, "accuracy"}, // the same
	}
	for _, test := range tests {
		e, err := Load(test.name, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []Stage{e.Finetune.Stage, e.Search.Stage, e.Retrain.Stage} {
			if s.BatchSize*s.Accumulate != test.batch || s.Epochs < 3 || s.Epochs > 5 || s.LR != test.lr {
				t.Errorf("%s: batch %d, epochs %d and lr %g, want %d, 3 to 5 and %g", test.name, s.BatchSize*s.Accumulate, s.Epochs, s.LR, test.batch, test.lr)
			}
		}
		if e.Data.MaxLength != test.length || float64(e.Search.LRr) != test.lrr || e.Compat != CompatPaper || e.Finetune.MinSteps+e.Search.MinSteps+e.Retrain.MinSteps != 0 || e.Search.Lambda != test.lambda || e.Data.Metric != test.metric {
			t.Errorf("%s is not as published: %+v %+v", test.name, e.Data, e.Search)
		}
	}
}

func TestRecipeNeedsItsEnvironment(t *testing.T) {
	t.Setenv("POWERBERT_DATA", "")
	t.Setenv("POWERBERT_MODEL", "")
	_, err := Load("sst2-base", nil)
	want := "recipe sst2-base:13: model names $POWERBERT_MODEL, which is not set; export it, or use --set model=PATH\n" +
		"recipe sst2-base:16: data.dir names $POWERBERT_DATA, which is not set; export it, or use --set data.dir=PATH"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := Load("sst2-base", []string{"model=m", "data.dir=d"}); err != nil {
		t.Errorf("with both overridden: %v", err)
	}
}

func TestRecipeUnknown(t *testing.T) {
	if _, err := Recipe("dem"); err == nil || err.Error() != "dem: no such recipe, did you mean demo?" {
		t.Errorf("got %v", err)
	}
	if about := About("dem"); about != "" {
		t.Errorf("dem is about %q", about)
	}
}

func TestKeys(t *testing.T) {
	keys := Keys()
	for i, want := range map[int]string{0: "name", 4: "compat", 6: "encoder.type", len(keys) - 1: "checkpoint_every"} {
		if keys[i] != want {
			t.Errorf("key %d is %s, want %s", i, keys[i], want)
		}
	}
}
