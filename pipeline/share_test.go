package pipeline

import (
	"path/filepath"
	"testing"
)

func TestShareFinetune(t *testing.T) {
	from := finished(t)
	for name, c := range map[string]struct {
		set  []string
		want bool
	}{
		"the same":         {nil, true},
		"another search":   {[]string{"search.lambda=1e-5", "retrain.epochs=9"}, true},
		"another stage 1":  {[]string{"finetune.epochs=9"}, false},
		"another seed":     {[]string{"seed=99"}, false},
		"another encoder":  {[]string{"encoder.intermediate=99"}, false},
		"only the logging": {[]string{"log_every=9"}, true},
	} {
		dir := filepath.Join(t.TempDir(), "run")
		shared, err := ShareFinetune(tiny(t, c.set...), Options{Dir: dir}, from)
		if err != nil || shared != c.want || exists(filepath.Join(dir, "finetune")) != c.want {
			t.Errorf("%s: shared %v (%v), want %v", name, shared, err, c.want)
		}
		if c.want {
			sameFile(t, filepath.Join(from, "finetune/model.safetensors"), filepath.Join(dir, "finetune/model.safetensors"))
		}
	}
}

// What has begun is left alone, and nothing is taken from a stage 1 that has not
// ended.
func TestShareFinetuneLeavesWhatIsThere(t *testing.T) {
	whole, begun := finished(t), stopped(t, "finetune", 3)
	for _, c := range [][2]string{{begun, whole}, {whole, begun}, {filepath.Join(t.TempDir(), "new"), begun}} {
		if shared, err := ShareFinetune(tiny(t), Options{Dir: c[0]}, c[1]); shared || err != nil {
			t.Errorf("to %s from %s: shared %v (%v), want nothing", c[0], c[1], shared, err)
		}
	}
}

// A run that took its stage 1 over is the run that trained it itself.
func TestARunWithASharedStage(t *testing.T) {
	long(t)
	from := finished(t)
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := ShareFinetune(tiny(t), Options{Dir: dir}, from); err != nil {
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
	if _, err := ShareFinetune(e, Options{Dir: dir}, from); err != nil {
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
