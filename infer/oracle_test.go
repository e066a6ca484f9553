package infer

import (
	"bytes"
	"encoding/json"
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
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// oracles are the variables that name a Python with an oracle, as internal/oracles/install.sh
// prints it: with transformers of today, and with the last of the major version before.
var oracles = []string{"POWERBERT_PYTHON", "POWERBERT_PREVIOUS"}

// oracle is the Python that a variable names. The test is skipped where it is not set.
func oracle(t *testing.T, variable string) (python string) {
	t.Helper()
	if python = os.Getenv(variable); python == "" {
		t.Skipf("%s names no Python with the oracles of internal/oracles", variable)
	}
	return python
}

// askPython runs a script of testdata, by the Python that a variable names, on a question
// and reads its answer. The test is skipped where the variable is not set.
func askPython(t *testing.T, variable, script string, question, answer any) {
	t.Helper()
	python := oracle(t, variable)
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

// ways are the batches that oracles are asked about: how many texts, and how many columns
// of padding beyond the longest.
var ways = []struct{ size, extra int }{{1, 0}, {13, 0}, {5, 3}}

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
			oracle(t, variable)
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
				for _, way := range ways {
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
			fixed := fixtures{Modelling: map[string]string{}, Logits: map[string][]float32{}}
			for i, s := range all {
				s.check(t, want[i], said[i])
				fixed.add(t, s, question[i].Dir, said[i])
				if err := tokenizer.Copy(question[i].Again, question[i].Dir); err != nil {
					t.Fatal(err)
				}
				m, err := Open(question[i].Again, 0)
				if err != nil {
					t.Fatalf("%s: saved by transformers: %v", s, err)
				}
				if got := logits(t, m, s.texts(t, m)); !slices.Equal(got, want[i]) {
					t.Errorf("%s: saved by transformers, the logits are %v, want %v", s, got[:2], want[i][:2])
				}
			}
			if *update && !t.Failed() {
				fixed.write(t)
			}
		})
	}
}

// same compares logits, in the ways of batching, with what is right.
func (s small) same(t *testing.T, by string, want []float32, rows [][]float64) {
	t.Helper()
	if spread := slices.Max(want) - slices.Min(want); spread < 0.1 {
		t.Errorf("%s: the logits lie within %g, too near for a comparison", s, spread)
	}
	got := slices.Concat(rows...)
	if len(got) != len(ways)*len(want) {
		t.Fatalf("%s by %s: %d logits, want %d", s, by, len(got), len(ways)*len(want))
	}
	worst := 0.0
	for k, v := range got {
		worst = max(worst, math.Abs(v-float64(want[k%len(want)])))
	}
	if !(worst <= 1e-4) {
		t.Errorf("%s by %s: logits differ by %g, want at most 1e-4", s, by, worst)
	}
}

// check compares what transformers says of a model with what is right.
func (s small) check(t *testing.T, want []float32, said modelled) {
	t.Helper()
	s.same(t, "transformers", want, said.Right)
	s.same(t, "transformers, padded at the left", want, said.Left)
	if !strings.Contains(said.Refused, "trust_remote_code") {
		t.Errorf("%s: not trusted, it says %q, want that it needs trust_remote_code", s, said.Refused)
	}
	if len(said.Strange) > 0 || !said.Learns {
		t.Errorf("%s: loading says %v, and that every weight learns is %v", s, fmt.Sprint(said.Strange), said.Learns)
	}
}

// The versions of ONNX's operators that an exported graph is one of: what it uses is the
// same in all.
var opsets = []int{18, 23}

// What the runtimes say of an exported model.
type ran struct {
	Logits map[string][][]float64 `json:"logits"`
	Int8   float64                `json:"int8"` // mean distance of the logits after quantize_dynamic
}

// ONNX Runtime and OpenVINO agree with this package on every family, way of elimination and
// meaning of outputs, in batches of any size and padding, under every version of the
// operators; what prepares and quantises models for ONNX Runtime works on them.
func TestOracleOfExport(t *testing.T) {
	oracle(t, "POWERBERT_RUNTIMES")
	type asked struct {
		File    string      `json:"file"`
		Batches []onnxBatch `json:"batches"`
	}
	all := append(smalls(), small{name: "two encoders", modelType: arch.BERT, labels: []string{"a", "b"}, layers: 2,
		retention: &retention.Configuration{MaxLength: length, Ranks: "relative", Keep: []int{13, 7}}})
	for _, modelType := range arch.Types() {
		if modelType != "tower" {
			all = append(all, small{name: "dense", modelType: modelType, kind: problem.Classification, labels: []string{"a", "b"}})
		}
	}
	for pooling, extra := range modernKeys() {
		all = append(all, small{name: "dense, " + pooling, modelType: arch.ModernBERT, labels: []string{"a", "b"}, extra: extra})
	}
	var question []asked
	var want [][]float32
	for _, s := range all {
		dir := s.save(t)
		m, err := Open(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		a, texts := asked{File: filepath.Join(t.TempDir(), "model.onnx")}, s.texts(t, m)
		if _, err := Export(dir, a.File, 0); err != nil {
			t.Fatal(err)
		}
		for _, way := range ways {
			a.Batches = append(a.Batches, onnxBatches(texts, way.size, way.extra)...)
		}
		question, want = append(question, a), append(want, logits(t, m, texts))
	}
	var said []ran
	askPython(t, "POWERBERT_RUNTIMES", "runtimes.py", map[string]any{"models": question, "opsets": opsets, "folder": t.TempDir()}, &said)
	for i, s := range all {
		for by, rows := range said[i].Logits {
			s.same(t, by, want[i], rows)
		}
		if len(said[i].Logits) != 3+len(opsets) {
			t.Errorf("%s: %d answers", s, len(said[i].Logits))
		}
		if spread := float64(slices.Max(want[i]) - slices.Min(want[i])); !(said[i].Int8 > 0 && said[i].Int8 < spread/4) {
			t.Errorf("%s: in int8 logits over %g are %g away in the mean", s, spread, said[i].Int8)
		}
	}
}

// The pipelines of transformers and optimum say of texts and pairs what this package does,
// cut where it cuts them.
func TestOracleOfPipelines(t *testing.T) {
	labels := []string{"positive", "negative"}
	all := []small{{name: "value norms", modelType: arch.BERT, labels: labels, retention: &valued}}
	for pooling, extra := range modernKeys() {
		all = append(all, small{name: pooling, modelType: arch.ModernBERT, labels: labels, retention: &valued, extra: extra})
	}
	for _, variable := range oracles {
		for _, s := range all {
			t.Run(variable+" "+s.String(), func(t *testing.T) { s.inPipelines(t, variable) })
		}
	}
}

// inPipelines compares what the pipelines of a Python say with what is right.
func (s small) inPipelines(t *testing.T, variable string) {
	t.Helper()
	oracle(t, variable)
	dir, folder := s.save(t), t.TempDir()
	tok, err := tokenizer.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := tok.SaveFor(dir, length); err != nil {
		t.Fatal(err)
	}
	if _, err := ExportFolder(dir, folder, 0, 0); err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	texts, pairs, examples := textsAndPairs(m)
	want, err := m.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][][]float64{}
	askPython(t, variable, "pipelines.py", map[string]any{"dir": dir, "folder": folder, "texts": texts, "pairs": pairs}, &said)
	for by, answers := range said {
		for i, p := range want {
			for k, probability := range p.Probabilities {
				if math.Abs(answers[i][k]-float64(probability)) > 1e-5 {
					t.Errorf("%s: text %d has the probabilities %v, want %v", by, i, answers[i], p.Probabilities)
					break
				}
			}
		}
	}
	if variable == "POWERBERT_PREVIOUS" && said["optimum"] == nil {
		t.Error("optimum is not there")
	}
}

// textsAndPairs is texts, pairs of them, and both as a model reads them, texts first.
func textsAndPairs(m *Model) (texts []string, pairs [][]string, examples []data.Encoded) {
	_, dev := data.DemoTask(data.DemoSize{Train: 1, Dev: 12, Seed: 9})
	for _, e := range dev.Examples {
		texts, examples = append(texts, e.Text), append(examples, m.Encode(e, false))
	}
	for i, e := range dev.Examples {
		e.Pair = dev.Examples[(i+1)%len(texts)].Text
		pairs, examples = append(pairs, []string{e.Text, e.Pair}), append(examples, m.Encode(e, true))
	}
	return texts, pairs, examples
}
