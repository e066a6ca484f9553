package infer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// oracles are the variables that name a Python with an oracle, as internal/oracles/install.sh
// prints it: with transformers of today, and with the last of the major version before.
var oracles = []string{"POWERBERT_PYTHON", "POWERBERT_PREVIOUS"}

// askPython runs a script of testdata, by the Python that a variable names, on a question
// and reads its answer. The test is skipped where the variable is not set.
func askPython(t *testing.T, variable, script string, question, answer any) {
	t.Helper()
	python := os.Getenv(variable)
	if python == "" {
		t.Skipf("%s names no Python with the oracles of internal/oracles", variable)
	}
	text, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, filepath.Join("testdata", script))
	var complaint strings.Builder
	command.Stdin, command.Stderr = bytes.NewReader(text), &complaint
	command.Env = append(os.Environ(), "HF_HUB_OFFLINE=1", "HF_HOME="+t.TempDir())
	out, err := command.Output()
	if err == nil {
		err = json.Unmarshal(out[max(bytes.LastIndexByte(bytes.TrimSpace(out), '\n'), 0):], answer)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, &complaint)
	}
}

// A small model that an oracle is asked about.
type small struct {
	name, modelType string
	kind            problem.Kind
	labels          []string
	retention       *retention.Configuration
}

// save writes the model, with random weights large enough to be sure of something.
func (s small) save(t *testing.T) (dir string) {
	t.Helper()
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := arch.FamilyOf(s.modelType).Defaults()
	c.VocabSize, c.EmbeddingSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = tok.Size(), 7, 12, 3, 3
	c.IntermediateSize, c.InitializerRange, c.PowerRetention = 20, 0.5, s.retention
	c.SetLongest(64, 1)
	c.SetProblem(s.kind, s.labels)
	p := model.NewParams[float32](c)
	p.Init(3)
	dir = t.TempDir()
	if err := errors.Join(tok.Save(dir), model.Save(dir, c, p)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// texts are examples of 2 tokens to more than N, some of them pairs; of a multiple choice
// each is an option of one question.
func (s small) texts(t *testing.T, m *Model) (all []data.Encoded) {
	t.Helper()
	for i, n := range []int{9, 2, 22, 30, 3, 17, 5, 41, 12, 2, 21, 23, 4} {
		texts, err := m.Random(1, n)
		if err != nil {
			t.Fatal(err)
		}
		for k := n / 2; k < n && i%2 == 1 && m.Config.TypeVocabSize > 1; k++ {
			texts[0].Types[k] = 1
		}
		if n > 9 {
			texts[0].IDs[n/3] = 1 // which the positions of some families do not count
		}
		all = append(all, texts[0])
	}
	return all
}

// smalls are every way of elimination in BERT, some in every other family, and every
// meaning of outputs.
func smalls() (all []small) {
	two := []string{"negative", "positive"}
	for name, r := range exported() {
		if r != nil {
			all = append(all, small{name: name, modelType: arch.BERT, labels: two, retention: r})
		}
	}
	for _, modelType := range arch.Types() {
		for name, r := range kinds {
			static := r != nil && r.Static() && modelType != arch.MPNet // fixed positions are the same in every family but for distances
			if r != nil && !static && modelType != arch.BERT && !strings.HasPrefix(modelType, "tower") {
				all = append(all, small{name: name, modelType: modelType, labels: two, retention: r})
			}
		}
	}
	for _, kind := range problem.Supervised {
		all = append(all, small{name: "outputs", modelType: arch.BERT, kind: kind, labels: []string{"a", "b", "c"}, retention: &relative})
	}
	return all
}

// What an oracle says of a model that takes word-vectors out.
type modelled struct {
	Right   [][]float64 `json:"right"` // logits of each batch, padded at the right
	Left    [][]float64 `json:"left"`
	Refused string      `json:"refused"` // where its code is not trusted
	Strange map[string][]any
	Learns  bool `json:"learns"`
}

// transformers runs directories that take word-vectors out as this package does, whatever
// the batch and its padding, refuses them where it is not to trust their code, and what it
// saves of them is read here to the same.
func TestOracleOfExtraction(t *testing.T) {
	for _, variable := range oracles {
		t.Run(variable, func(t *testing.T) {
			type asked struct {
				Dir     string           `json:"dir"`
				Again   string           `json:"again"`
				Batches []map[string]any `json:"batches"`
			}
			all := smalls()
			var question []asked
			var want [][]float32
			for _, s := range all {
				dir := s.save(t)
				m, err := Open(dir, 0)
				if err != nil {
					t.Fatal(err)
				}
				texts := s.texts(t, m)
				a := asked{Dir: dir, Again: t.TempDir()}
				for _, way := range []struct{ size, extra int }{{1, 0}, {13, 0}, {5, 3}} {
					for _, b := range onnxBatches(texts, way.size, way.extra) {
						batch := map[string]any{"input_ids": b.IDs, "attention_mask": b.Mask, "token_type_ids": b.Types}
						if m.Chooses() { // a question of so many options
							batch = map[string]any{"input_ids": [][][]int{b.IDs}, "attention_mask": [][][]int{b.Mask}, "token_type_ids": [][][]int{b.Types}}
						}
						a.Batches = append(a.Batches, batch)
					}
				}
				question, want = append(question, a), append(want, logits(t, m, texts))
			}
			var said []modelled
			askPython(t, variable, "modelling.py", map[string]any{"models": question}, &said)
			if len(said) != len(all) {
				t.Fatalf("%d answers, want %d", len(said), len(all))
			}
			for i, s := range all {
				name := s.modelType + ", " + s.name + " " + string(cmp.Or(s.kind, problem.Classification))
				sameLogits(t, name, want[i], said[i])
				if err := tokenizer.Copy(question[i].Again, question[i].Dir); err != nil {
					t.Fatal(err)
				}
				m, err := Open(question[i].Again, 0)
				if err != nil {
					t.Fatalf("%s: saved by transformers: %v", name, err)
				}
				if got := logits(t, m, s.texts(t, m)); !slices.Equal(got, want[i]) {
					t.Errorf("%s: saved by transformers, the logits are %v, want %v", name, got[:2], want[i][:2])
				}
			}
		})
	}
}

// sameLogits compares what an oracle says of a model in three ways of batching with what
// is right.
func sameLogits(t *testing.T, name string, want []float32, said modelled) {
	t.Helper()
	if spread := slices.Max(want) - slices.Min(want); spread < 0.1 {
		t.Errorf("%s: the logits lie within %g, too near for a comparison", name, spread)
	}
	for _, got := range [][]float64{slices.Concat(said.Right...), slices.Concat(said.Left...)} {
		if len(got) != 3*len(want) {
			t.Fatalf("%s: %d logits, want %d", name, len(got), 3*len(want))
		}
		worst := 0.0
		for k, v := range got {
			worst = max(worst, math.Abs(v-float64(want[k%len(want)])))
		}
		if !(worst <= 1e-4) {
			t.Errorf("%s: logits differ by %g, want at most 1e-4", name, worst)
		}
	}
	if !strings.Contains(said.Refused, "trust_remote_code") {
		t.Errorf("%s: not trusted, it says %q, want that it needs trust_remote_code", name, said.Refused)
	}
	if len(said.Strange) > 0 || !said.Learns {
		t.Errorf("%s: loading says %v, and that every weight learns is %v", name, fmt.Sprint(said.Strange), said.Learns)
	}
}
