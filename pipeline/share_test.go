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
