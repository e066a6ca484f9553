package archtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/model"
)

// saved is a directory of tower, and the parameters that are in it.
func saved(t *testing.T) (dir string, p *model.Params[float32]) {
	t.Helper()
	dir, p = t.TempDir(), random[float32](tower())
	if err := model.Save(dir, tower(), p); err != nil {
		t.Fatal(err)
	}
	return dir, p
}

// rewrite replaces the tensors of a directory.
func rewrite(t *testing.T, dir string, change func([]model.NamedTensor) []model.NamedTensor) {
	t.Helper()
	path := filepath.Join(dir, "model.safetensors")
	tensors, err := model.ReadTensors(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := model.WriteTensors(path, change(tensors)); err != nil {
		t.Fatal(err)
	}
}

// What is saved loads to the same bits, under the family's names and those that
// checkpoints have for them: without the base of a bare model, and with norms called
// gamma and beta. config.json says what it is.
func TestSaveAndLoad(t *testing.T) {
	named := func(change func(string) string) func([]model.NamedTensor) []model.NamedTensor {
		return func(all []model.NamedTensor) []model.NamedTensor {
			for i := range all {
				all[i].Name = change(all[i].Name)
			}
			return all
		}
	}
	old := strings.NewReplacer("level.weight", "level.gamma", "level.bias", "level.beta", "roof.dense.weight", "roof.dense.gamma")
	for name, change := range map[string]func(string) string{
		"as saved": func(n string) string { return n },
		"bare":     func(n string) string { return strings.TrimPrefix(n, "tower.") },
		"old":      old.Replace,
	} {
		dir, p := saved(t)
		rewrite(t, dir, named(change))
		l, err := model.LoadTrained[float32](dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !slices.Equal(l.Params.Arena(), p.Arena()) || len(l.Ignored) > 0 {
			t.Errorf("%s: the weights are others, ignored %q", name, l.Ignored)
		}
	}
	dir, _ := saved(t)
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		ModelType     string   `json:"model_type"`
		Architectures []string `json:"architectures"`
		Embedding     int      `json:"embedding_size"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	if said.ModelType != Type || !slices.Equal(said.Architectures, []string{"TowerForSequenceClassification"}) || said.Embedding != 10 {
		t.Errorf("config.json says %+v", said)
	}
}

// The head is new where a checkpoint has none, its outputs where it has others, and
// what else is missing is an error.
func TestWhatACheckpointLacks(t *testing.T) {
	head := []string{"roof.LayerNorm.weight", "roof.LayerNorm.bias", "roof.dense.weight", "roof.dense.bias", "roof.flag.weight", "roof.flag.bias"}
	without := func(prefix string) func([]model.NamedTensor) []model.NamedTensor {
		return func(all []model.NamedTensor) []model.NamedTensor {
			return slices.DeleteFunc(all, func(x model.NamedTensor) bool { return strings.HasPrefix(x.Name, prefix) })
		}
	}
	dir, p := saved(t)
	l, err := model.Load[float32](dir, model.LoadOptions{Labels: []string{"no", "yes"}})
	if err != nil || !slices.Equal(l.Initialised, head[4:]) {
		t.Fatalf("for other labels %q are new, want %q; %v", l.Initialised, head[4:], err)
	}
	if !slices.Equal(l.Params.Slice(head[0]), p.Slice(head[0])) {
		t.Error("for other labels the head's first layer is new")
	}
	cut, _ := saved(t)
	rewrite(t, cut, func(all []model.NamedTensor) []model.NamedTensor {
		for i, x := range all {
			if x.Name == head[0] {
				all[i].Shape, all[i].Data = []int{14, 15}, x.Data.([]float32)[:14*15]
			}
		}
		return all
	})
	want := cut + `/model.safetensors: tensor "roof.LayerNorm.weight" has shape (14, 15), want (15, 15) by config.json`
	if _, err := model.Load[float32](cut, model.LoadOptions{Labels: []string{"no", "yes"}}); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	rewrite(t, dir, without("roof."))
	if l, err = model.Load[float32](dir, model.LoadOptions{}); err != nil || !slices.Equal(l.Initialised, head) {
		t.Errorf("without a head %q are new, want %q; %v", l.Initialised, head, err)
	}
	if l, err = model.Load[float32](dir, model.LoadOptions{MaskedLM: true}); err != nil || len(l.Initialised) != 5 || l.Config.Architecture() != "TowerForMaskedLM" {
		t.Errorf("to guess masked tokens %q are new, %v", l.Initialised, err)
	}
	rewrite(t, dir, without("tower.storey2.level.bias"))
	want = dir + `/model.safetensors: there is no tensor "tower.storey2.level.bias"; want all of a tower with num_hidden_layers 4`
	if _, err := model.Load[float32](dir, model.LoadOptions{}); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}
