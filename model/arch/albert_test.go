package arch

import (
	"encoding/json"
	"reflect"
	"testing"
)

// albertBase is config.json of albert-base-v2 as its authors published it.
const albertBase = `{
  "architectures": ["AlbertForMaskedLM"],
  "attention_probs_dropout_prob": 0,
  "bos_token_id": 2,
  "classifier_dropout_prob": 0.1,
  "down_scale_factor": 1,
  "embedding_size": 128,
  "eos_token_id": 3,
  "gap_size": 0,
  "hidden_act": "gelu_new",
  "hidden_dropout_prob": 0,
  "hidden_size": 768,
  "initializer_range": 0.02,
  "inner_group_num": 1,
  "intermediate_size": 3072,
  "layer_norm_eps": 1e-12,
  "max_position_embeddings": 512,
  "model_type": "albert",
  "net_structure_type": 0,
  "num_attention_heads": 12,
  "num_hidden_groups": 1,
  "num_hidden_layers": 12,
  "num_memory_blocks": 0,
  "pad_token_id": 0,
  "type_vocab_size": 2,
  "vocab_size": 30000
}`

// ALBERT-base: the number of parameters that its paper gives, 12 M, to the last
// one, and a configuration that comes back key by key.
func TestConfigOfALBERTBase(t *testing.T) {
	c := parseConfig(t, albertBase)
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.HeadDropout() != 0.1 || c.HiddenDropoutProb != 0 || c.EmbeddingSize != 128 {
		t.Errorf("got %+v", c)
	}
	const base, head = 11683584, 2 * (768 + 1) // AlbertModel with its pooler, and two labels
	if got := c.Net().Parameters(); got != base+head {
		t.Errorf("%v parameters, want %d", got, base+head)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(albertBase), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Where config.json says nothing, transformers' AlbertConfig has the sizes of xxlarge.
func TestDefaultALBERT(t *testing.T) {
	got, rate := parseConfig(t, `{"model_type": "albert"}`), 0.1
	want := Config{ModelType: "albert", VocabSize: 30000, EmbeddingSize: 128, HiddenSize: 4096, NumHiddenLayers: 12, NumHiddenGroups: 1, InnerGroupNum: 1,
		NumAttentionHeads: 64, IntermediateSize: 16384, HiddenAct: "gelu_new", ClassifierDropoutProb: &rate, MaxPositionEmbeddings: 512,
		TypeVocabSize: 2, LayerNormEps: 1e-12, InitializerRange: 0.02}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
