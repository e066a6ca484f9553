package infer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/wire"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/model/arch/archtest"
	"github.com/powerbert/powerbert/retention"
)

// An onnxBatch is the inputs of an exported model.
type onnxBatch struct {
	IDs   [][]int `json:"input_ids"`
	Mask  [][]int `json:"attention_mask"`
	Types [][]int `json:"token_type_ids"`
}

// onnxBatches are the examples in batches of size, each as long as its longest
// example and extra rows of padding.
func onnxBatches(examples []data.Encoded, size, extra int) (batches []onnxBatch) {
	for part := range slices.Chunk(examples, size) {
		n := 0
		for _, e := range part {
			n = max(n, len(e.IDs)+extra)
		}
		var b onnxBatch
		for _, e := range part {
			ids, mask, types := make([]int, n), make([]int, n), make([]int, n)
			for i, id := range e.IDs {
				ids[i], mask[i], types[i] = int(id), 1, int(e.Types[i])
			}
			b.IDs, b.Mask, b.Types = append(b.IDs, ids), append(b.Mask, mask), append(b.Types, types)
		}
		batches = append(batches, b)
	}
	return batches
}

// An onnxTensor is an output of ONNX Runtime.
type onnxTensor struct {
	Shape []int     `json:"shape"`
	Data  []float64 `json:"data"`
}

// inONNXRuntime is the outputs, by name, that ONNX Runtime makes of each batch by
// a model file. The test is skipped where no Python has it.
func inONNXRuntime(t *testing.T, file string, batches []onnxBatch) (answers []map[string]onnxTensor) {
	t.Helper()
	askPython(t, "POWERBERT_RUNTIMES", "outputs.py", map[string]any{"model": file, "batches": batches}, &answers)
	return answers
}

// logits are those of this package, one example after another.
func logits(t *testing.T, m *Model, examples []data.Encoded) (all []float32) {
	t.Helper()
	n, err := m.net()
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(examples, batchSize) {
		if err := m.forward(n, part, 0); err != nil {
			t.Fatal(err)
		}
		all = append(all, model.Values[float32](n.Logits)...)
	}
	return all
}

// agree exports the model of a directory and compares its logits on examples in
// batches of several sizes and lengths.
func agree(t *testing.T, dir string, examples []data.Encoded) {
	t.Helper()
	m, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "model.onnx")
	if _, err := Export(dir, file, 0); err != nil {
		t.Fatal(err)
	}
	want := logits(t, m, examples)
	spread := slices.Max(want) - slices.Min(want)
	if spread < 0.1 {
		t.Errorf("the logits lie within %g, too near for a comparison", spread)
	}
	ways := []struct{ size, extra int }{{1, 0}, {7, 0}, {5, 3}, {1, 9}}
	var batches []onnxBatch
	for _, way := range ways {
		batches = append(batches, onnxBatches(examples, way.size, way.extra)...)
	}
	var got []float64
	for _, outputs := range inONNXRuntime(t, file, batches) {
		got = append(got, outputs["logits"].Data...)
	}
	if len(got) != len(ways)*len(want) {
		t.Fatalf("%d logits, want %d", len(got), len(ways)*len(want))
	}
	for i, way := range ways {
		worst := 0.0
		for k, v := range got[i*len(want) : (i+1)*len(want)] {
			worst = max(worst, math.Abs(v-float64(want[k])))
		}
		t.Logf("batches of %d, %d extra rows: %d logits over %.3g, greatest difference %.2g", way.size, way.extra, len(want), spread, worst)
		if !(worst <= 1e-4) {
			t.Errorf("batches of %d, %d extra rows: logits differ by %g, want at most 1e-4", way.size, way.extra, worst)
		}
	}
}

// exported are all kinds of elimination.
func exported() map[string]*retention.Configuration {
	all := map[string]*retention.Configuration{"dense": nil}
	for bits := range 8 {
		r := absolute
		r.PadQueriesVote, r.SubtractDiagonal = bits&1 != 0, bits&2 != 0
		if bits&4 != 0 {
			r.Ranks = "relative"
		}
		all[fmt.Sprintf("%s, padding votes %v, no diagonal %v", r.Ranks, r.PadQueriesVote, r.SubtractDiagonal)] = &r
	}
	for _, r := range []retention.Configuration{absolute, relative} {
		r.Score = retention.ScoreValue
		plain, diagonal := r, r
		diagonal.SubtractDiagonal = true
		all[r.Ranks+", value norms"], all[r.Ranks+", value norms, no diagonal"] = &plain, &diagonal
	}
	votes := voting
	votes.Score = retention.ScoreValue
	all["value norms, padding votes"] = &votes
	one := retention.Configuration{MaxLength: length, Ranks: "relative", Keep: []int{2, 1, 1}}
	full := retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: []int{length, length, length}}
	all["[CLS] alone"], all["everything"] = &one, &full
	all["head"], all["head, relative"], all["random"], all["random, relative"] = &head, &headShare, &random, &randomShare
	return all
}

// Texts of 2 tokens to more than N, alone and in batches with longer ones.
func TestExportInONNXRuntime(t *testing.T) {
	for name, r := range exported() {
		t.Run(name, func(t *testing.T) {
			dir := saveTiny(t, r)
			m, err := Open(dir, 0)
			if err != nil {
				t.Fatal(err)
			}
			var examples []data.Encoded
			for _, n := range []int{9, 2, 22, 30, 3, 17, 5, 41, 12, 2, 21, 23, 4} {
				texts, err := m.Random(3, n)
				if err != nil {
					t.Fatal(err)
				}
				for i := range texts {
					for k := n / 2; k < n && i == 1; k++ {
						texts[i].Types[k] = 1 // a pair
					}
				}
				examples = append(examples, texts...)
			}
			agree(t, dir, examples)
		})
	}
}

// The families beyond BERT, and one of other names with a LayerNorm in its head. Some texts
// have the token that RoBERTa's positions do not count.
func TestExportOtherFamilies(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	archtest.Register()
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, modelType := range []string{arch.ALBERT, arch.RoBERTa, arch.DistilBERT, arch.ELECTRA, arch.MPNet, "modernbert", "modernbert mean", archtest.Type} {
		ways := maps.Clone(kinds)
		ways["padding is kept, and votes"] = &retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: []int{length, 5, 3}, PadQueriesVote: true}
		for name, r := range ways {
			modelType, pooling, _ := strings.Cut(modelType, " ")
			if modelType != arch.MPNet && modelType != arch.ModernBERT && r != nil && r.Static() {
				continue // nothing there depends on the family, but on where word-vectors stood
			}
			t.Run(modelType+pooling+" "+name, func(t *testing.T) {
				c := arch.FamilyOf(modelType).Defaults()
				c.Extra = map[string]json.RawMessage{"local_attention": json.RawMessage("7")} // of ModernBERT
				if pooling != "" {
					c.Extra["classifier_pooling"], c.Extra["mlp_bias"], c.Extra["norm_bias"] = json.RawMessage(`"mean"`), json.RawMessage("true"), json.RawMessage("true")
					c.Extra["layer_types"] = json.RawMessage(`["sliding_attention", "full_attention", "sliding_attention"]`) // where padding votes after a window without words
				}
				c.VocabSize, c.EmbeddingSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = tok.Size(), 7, 12, 3, 3
				c.IntermediateSize, c.InitializerRange, c.PowerRetention = 20, 0.5, r
				c.SetLongest(64, 1)
				c.SetLabels(data.DemoLabels())
				p := model.NewParams[float32](c)
				p.Init(3)
				dir := t.TempDir()
				if err := errors.Join(tok.Save(dir), model.Save(dir, c, p)); err != nil {
					t.Fatal(err)
				}
				_, dev := data.DemoTask(data.DemoSize{Train: 1, Dev: 31, Seed: 9})
				for i := range 12 {
					dev.Examples[i].Text = strings.Join(strings.Fields(dev.Examples[i].Text)[:1+i/2], " ")
				}
				dev.Examples[13].Text += " [UNK] film [UNK]"
				agree(t, dir, data.Encode(dev, tok, 40))
			})
		}
	}
}

// Sentences of SST-2 under the vocabulary of bert-base-uncased.
func TestExportOnRealSentences(t *testing.T) {
	root := os.Getenv("POWERBERT_DATA")
	if root == "" {
		t.Skip("POWERBERT_DATA is not set: no real data")
	}
	tok, err := tokenizer.Load(filepath.Join(root, "tokenizers", "bert-base-uncased"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.LoadFile(data.Source{Task: data.TaskSST2}, filepath.Join(root, "data", "glue", "SST-2", "dev.tsv"), nil)
	if err != nil {
		t.Fatal(err)
	}
	set.Examples = set.Examples[:200]
	for _, ranks := range []string{"", "absolute", "relative"} {
		t.Run("ranks "+ranks, func(t *testing.T) {
			c := arch.DefaultBERT()
			c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = tok.Size(), 64, 4, 4, 128
			c.InitializerRange = 0.2
			if ranks != "" {
				c.PowerRetention = &retention.Configuration{MaxLength: 64, Ranks: ranks, Keep: []int{20, 11, 5, 1}}
			}
			p := model.NewParams[float32](c)
			p.Init(5)
			dir := t.TempDir()
			if err := errors.Join(tok.Save(dir), model.Save(dir, c, p)); err != nil {
				t.Fatal(err)
			}
			agree(t, dir, data.Encode(set, tok, 64))
		})
	}
}

func TestExportTellsWhatItWrote(t *testing.T) {
	dir := saveTiny(t, &relative)
	file := filepath.Join(t.TempDir(), "model.onnx")
	x, err := Export(dir, file, 0)
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if x.Bytes != int64(len(written)) || x.MaxLength != length || x.Retention == nil || !slices.Equal(x.Labels, data.DemoLabels()) {
		t.Errorf("%+v does not fit %d bytes", x, len(written))
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := tok.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{string(text), `["negative","positive"]`, `"retention":[13,7,3]`, "bert.encoder.layer.2.attention.self.key_value.weight"} {
		if !strings.Contains(string(written), part) {
			t.Errorf("the file lacks %.60s", part)
		}
	}
	again := filepath.Join(t.TempDir(), "model.onnx")
	if _, err := Export(dir, again, 0); err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(again); err != nil || !bytes.Equal(written, second) {
		t.Errorf("another export differs (%v)", err)
	}
}

// Every Split has a second input, its widths: from version 18 of the operators on it is
// invalid without them, and without an attribute that those before do not know.
func TestExportedSplitsSayTheirWidths(t *testing.T) {
	s := small{modelType: arch.ModernBERT, labels: []string{"a", "b"}, retention: &relative, extra: modernKeys()["mean"]}
	file := filepath.Join(t.TempDir(), "model.onnx")
	if _, err := Export(s.save(t), file, 0); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	splits := 0
	for _, graph := range messages(t, written, 7) {
		for _, node := range messages(t, graph, 1) {
			if string(messages(t, node, 4)[0]) != "Split" {
				continue
			}
			if splits++; len(messages(t, node, 1)) != 2 {
				t.Errorf("Split %d has the inputs %q, want two", splits, messages(t, node, 1))
			}
		}
	}
	if splits < 4*3 { // in each encoder of queries, keys and values; of the pairs of queries and keys; of the gate
		t.Errorf("there are %d Splits", splits)
	}
}

// messages is what stands in a message of protobuf in the fields of a number.
func messages(t *testing.T, content []byte, number protowire.Number) (all [][]byte) {
	t.Helper()
	if err := wire.Fields(content, func(field protowire.Number, v wire.Field) error {
		if field == number {
			all = append(all, v.Bytes)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestExportErrors(t *testing.T) {
	dir, file := saveTiny(t, nil), filepath.Join(t.TempDir(), "none", "model.onnx")
	if _, err := Export(dir, file, 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such folder: %v", err)
	}
	var bad *model.Error
	if _, err := Export(filepath.Dir(file), file, 0); !errors.As(err, &bad) {
		t.Errorf("no such model: %v", err)
	}
}
