package pipeline

import (
	"maps"
	"net"
	"path/filepath"
	"testing"
)

// Stage 1 is shared where it would be trained alike, and with it the search.
func TestShareStages(t *testing.T) {
	from := finished(t)
	for name, c := range map[string]struct {
		set    []string
		first  bool
		search bool
	}{
		"the same":         {nil, true, true},
		"only the logging": {[]string{"log_every=9"}, true, true},
		"another stage 3":  {[]string{"retrain.epochs=9"}, true, true},
		"another search":   {[]string{"search.lambda=1e-5"}, true, false},
		"no search":        {[]string{"retrain.retention=[7, 3]"}, true, false},
		"another stage 1":  {[]string{"finetune.epochs=9"}, false, false},
		"another seed":     {[]string{"seed=99"}, false, false},
		"another encoder":  {[]string{"encoder.intermediate=99"}, false, false},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		err := ShareStages(tiny(t, c.set...), Options{Dir: dir}, []string{from})
		if err != nil || exists(filepath.Join(dir, "finetune")) != c.first || exists(filepath.Join(dir, "search")) != c.search || exists(filepath.Join(dir, "retrain")) {
			t.Errorf("%s: want stage 1 %v and the search %v (%v)", name, c.first, c.search, err)
		}
		for stage, want := range map[string]bool{"finetune": c.first, "search": c.search} {
			if want {
				sameFile(t, filepath.Join(from, stage, "model.safetensors"), filepath.Join(dir, stage, "model.safetensors"))
			}
		}
	}
}

// It is the run with both stages that they are taken from, wherever it stands.
func TestShareFromTheFurthest(t *testing.T) {
	first, whole := without(t, "search", "retrain"), finished(t)
	for _, others := range [][]string{{first, whole}, {whole, first}, {first}} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := ShareStages(tiny(t), Options{Dir: dir}, others); err != nil || exists(filepath.Join(dir, "search")) != (len(others) == 2) || !exists(filepath.Join(dir, "finetune")) {
			t.Errorf("from %v: %v", others, err)
		}
	}
}

// A search that cannot be copied does not cost stage 1.
func TestShareWhatCanBeCopied(t *testing.T) {
	from, dir := finished(t), filepath.Join(t.TempDir(), "run")
	socket, err := net.Listen("unix", filepath.Join(from, "search", "s"))
	if err != nil {
		t.Skip("no file that cannot be copied: ", err)
	}
	defer socket.Close()
	if err := ShareStages(tiny(t), Options{Dir: dir}, []string{from}); err == nil || !exists(filepath.Join(dir, "finetune", "model.safetensors")) || exists(filepath.Join(dir, "search")) {
		t.Errorf("stage 1 alone is to be shared (%v)", err)
	}
	if _, err := Run(background, tiny(t), Options{Dir: dir}); err != nil {
		t.Error(err)
	}
}

// What has begun is left alone, and nothing is taken from a stage 1 that has not
// ended.
func TestShareLeavesWhatIsThere(t *testing.T) {
	whole, begun := finished(t), stopped(t, "finetune", 3)
	for _, c := range [][2]string{{begun, whole}, {whole, begun}, {filepath.Join(t.TempDir(), "new"), begun}} {
		before := tree(t, c[0])
		if err := ShareStages(tiny(t), Options{Dir: c[0]}, []string{c[1]}); err != nil || !maps.Equal(tree(t, c[0]), before) {
			t.Errorf("to %s from %s: shared (%v), want nothing", c[0], c[1], err)
		}
	}
}

// A run that took its first stages over is the run that trained them itself.
func TestARunWithASharedStage(t *testing.T) {
	long(t)
	from := finished(t)
	dir := filepath.Join(t.TempDir(), "run")
	if err := ShareStages(tiny(t), Options{Dir: dir}, []string{from}); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(background, tiny(t), Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	sameFile(t, filepath.Join(from, "retrain/model.safetensors"), filepath.Join(dir, "retrain/model.safetensors"))
}

// Stage 3 on the stage 1 of another run is that of a run which took it over, and
// leaves the other as it was.
func TestRetrainOn(t *testing.T) {
	long(t)
	from, dir, alone := finished(t), filepath.Join(t.TempDir(), "own"), filepath.Join(t.TempDir(), "on")
	e := tiny(t, "retrain.retention=[7, 3]", "retrain.strategy=random")
	if err := ShareStages(e, Options{Dir: dir}, []string{from}); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(background, e, Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	result, err := RetrainOn(background, e, Options{Dir: alone}, from)
	if err != nil || result.Dir != filepath.Join(alone, "retrain") || exists(filepath.Join(alone, "finetune")) {
		t.Fatalf("result %+v (%v)", result, err)
	}
	sameFile(t, filepath.Join(dir, "retrain/model.safetensors"), filepath.Join(alone, "retrain/model.safetensors"))
	if again, err := RetrainOn(background, e, Options{Dir: alone}, from); err != nil || again.Seconds != result.Seconds {
		t.Errorf("a complete stage is run again: %+v (%v)", again, err)
	}
	if _, err := RetrainOn(background, tiny(t), Options{Dir: t.TempDir()}, from); err == nil {
		t.Error("without a configuration: no error")
	}
}
