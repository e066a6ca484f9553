package infer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// A small model that an oracle is asked about.
type small struct {
	name, modelType string
	kind            problem.Kind
	labels          []string
	retention       *retention.Configuration
	layers          int                        // 0: 3
	extra           map[string]json.RawMessage // further keys of config.json
}

func (s small) String() string {
	return fmt.Sprintf("%s, %s, %s", s.modelType, s.name, cmp.Or(s.kind, problem.Classification))
}

// config is the model's configuration for so many pieces.
func (s small) config(pieces int) arch.Config {
	c := arch.FamilyOf(s.modelType).Defaults()
	c.VocabSize, c.EmbeddingSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = pieces, 7, 12, cmp.Or(s.layers, 3), 3
	c.IntermediateSize, c.InitializerRange, c.PowerRetention = 20, 0.5, s.retention
	maps.Copy(c.Extra, s.extra)
	c.SetLongest(64, 1)
	c.SetProblem(s.kind, s.labels)
	return c
}

// save writes the model, with random weights large enough to be sure of something.
func (s small) save(t *testing.T) (dir string) {
	t.Helper()
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := s.config(tok.Size())
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
			if r != nil && !static && modelType != arch.BERT && modelType != arch.ModernBERT && !strings.HasPrefix(modelType, "tower") {
				all = append(all, small{name: name, modelType: modelType, labels: two, retention: r})
			}
		}
	}
	for _, kind := range problem.Supervised {
		all = append(all, small{name: "outputs", modelType: arch.BERT, kind: kind, labels: []string{"a", "b", "c"}, retention: &relative})
	}
	all = append(all, small{name: "one label", modelType: arch.BERT, labels: []string{"a"}, retention: &relative})
	return append(all, moderns()...)
}

// modernKeys are keys of ModernBERTs whose windows are narrower than most texts, by what their
// head reads: those of transformers 4, and those of transformers 5 with all biases.
func modernKeys() map[string]map[string]json.RawMessage {
	return map[string]map[string]json.RawMessage{
		"cls": {"local_attention": json.RawMessage("7"), "global_attn_every_n_layers": json.RawMessage("2"),
			"global_rope_theta": json.RawMessage("900"), "local_rope_theta": json.RawMessage("40")},
		"mean": {"classifier_pooling": json.RawMessage(`"mean"`), "local_attention": json.RawMessage("8"),
			"layer_types":     json.RawMessage(`["sliding_attention", "full_attention", "sliding_attention"]`),
			"rope_parameters": json.RawMessage(`{"full_attention": {"rope_type": "default", "rope_theta": 50}, "sliding_attention": {"rope_type": "default", "rope_theta": 700}}`),
			"norm_bias":       json.RawMessage("true"), "attention_bias": json.RawMessage("true"), "mlp_bias": json.RawMessage("true"), "classifier_bias": json.RawMessage("true")},
	}
}

// moderns are every way of elimination in either ModernBERT, and a multiple choice. Where
// padding votes, a window may have no word.
func moderns() (all []small) {
	ways := maps.Clone(kinds)
	ways["padding is kept, and votes"] = &retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: []int{length, 5, 3}, PadQueriesVote: true}
	for pooling, extra := range modernKeys() {
		for name, r := range ways {
			if r != nil {
				all = append(all, small{name: name + ", " + pooling, modelType: arch.ModernBERT, labels: []string{"negative", "positive"}, retention: r, extra: extra})
			}
		}
		all = append(all, small{name: "outputs, " + pooling, modelType: arch.ModernBERT, kind: problem.MultipleChoice, labels: []string{"a", "b", "c"},
			retention: &relative, extra: extra})
	}
	return all
}
