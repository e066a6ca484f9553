package arch

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// baseUncased is config.json of bert-base-uncased as its authors published it.
const baseUncased = `{
  "architectures": [
    "BertForMaskedLM"
  ],
  "attention_probs_dropout_prob": 0.1,
  "gradient_checkpointing": false,
  "hidden_act": "gelu",
  "hidden_dropout_prob": 0.1,
  "hidden_size": 768,
  "initializer_range": 0.02,
  "intermediate_size": 3072,
  "layer_norm_eps": 1e-12,
  "max_position_embeddings": 512,
  "model_type": "bert",
  "num_attention_heads": 12,
  "num_hidden_layers": 12,
  "pad_token_id": 0,
  "position_embedding_type": "absolute",
  "transformers_version": "4.6.0.dev0",
  "type_vocab_size": 2,
  "use_cache": true,
  "vocab_size": 30522
}
`

func parseConfig(t *testing.T, text string) Config {
	t.Helper()
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfigOfBertBase(t *testing.T) {
	c := parseConfig(t, baseUncased)
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	want := DefaultBERT()
	want.Architectures, want.PositionEmbeddingType, want.PadTokenID = []string{"BertForMaskedLM"}, "absolute", new(int)
	extra := c.Extra
	c.Extra = nil
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
	for key, value := range map[string]string{"use_cache": "true", "transformers_version": `"4.6.0.dev0"`, "gradient_checkpointing": "false"} {
		if string(extra[key]) != value {
			t.Errorf("Extra[%q] is %s, want %s", key, extra[key], value)
		}
	}
	if len(extra) != 3 {
		t.Errorf("Extra has %d keys, want 3", len(extra))
	}
}

func TestConfigRoundTrip(t *testing.T) {
	c := parseConfig(t, baseUncased)
	c.SetLabels([]string{"negative", "positive", "neutral"})
	rate := 0.25
	c.ClassifierDropout = &rate
	c.ProblemType = "single_label_classification"
	c.PowerRetention = &retention.Configuration{MaxLength: 64, Ranks: "relative", Keep: []int{9, 5, 5, 1}, Score: "value", PadQueriesVote: true, SubtractDiagonal: true}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if got := parseConfig(t, string(text)); !reflect.DeepEqual(got, c) {
		t.Errorf("got %+v\nwant %+v", got, c)
	}
	for _, want := range []string{`"power_retention":{"max_length":64,"ranks":"relative","retention":[9,5,5,1],"score":"value","pad_queries_vote":true,"subtract_diagonal":true}`,
		`"id2label":{"0":"negative","1":"positive","2":"neutral"}`, `"classifier_dropout":0.25`, `"use_cache":true`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("config.json %s\nlacks %s", text, want)
		}
	}
}

// What Rand-WS drew comes back as it was.
func TestStrategyRoundTrip(t *testing.T) {
	c := parseConfig(t, baseUncased)
	c.PowerRetention = &retention.Configuration{MaxLength: 64, Ranks: "absolute", Keep: []int{9, 5, 5, 1}, Strategy: retention.StrategyRandom, Positions: retention.DrawPositions(64, 7)}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if got := parseConfig(t, string(text)); !reflect.DeepEqual(got, c) {
		t.Errorf("got %+v\nwant %+v", got, c)
	}
}

func TestConfigLabels(t *testing.T) {
	for text, want := range map[string][]string{
		`{}`:                {"LABEL_0", "LABEL_1"},
		`{"num_labels": 3}`: {"LABEL_0", "LABEL_1", "LABEL_2"},
		`{"num_labels": null, "id2label": {"0": "no"}}`:                                                             {"no"},
		`{"num_labels": 2, "id2label": {"1": "yes", "0": "no"}}`:                                                    {"no", "yes"},
		`{"num_labels": 1, "id2label": {"1": "yes", "0": "no"}}`:                                                    {"no", "yes"},
		`{"id2label": {"0": "a", "1": "b", "2": "a", "3": "a (2)"}, "label2id": {"a": "2", "b": 1, "c": true}}`:     {"a (0)", "b", "a (2) (2)", "a (2)"},
		`{"id2label": {"0": 0, "1": 1.5, "2": true, "3": null}, "label2id": {}}`:                                    {"0", "1.5", "true", "null"},
		`{"id2label": {}, "label2id": {"0": 0}}`:                                                                    {"LABEL_0", "LABEL_1"},
		`{"architectures": ["BertForMultipleChoice"], "id2label": {"0": "A", "1": "B", "2": "C"}, "num_labels": 2}`: {"A", "B", "C"},
		`{"id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": null}`:                                            {"a", "b", "c"},
	} {
		c := parseConfig(t, text)
		if got := c.Labels(); !reflect.DeepEqual(got, want) || c.NumLabels() != len(want) {
			t.Errorf("%s: labels are %q, want %q", text, got, want)
		}
		if _, kept := c.Extra["num_labels"]; kept {
			t.Errorf("%s: num_labels is kept beside id2label", text)
		}
	}
}

// A model for multiple choice names no options, or those of the questions that it learned
// from: without names a question may have any number.
func TestOptionsWithoutNames(t *testing.T) {
	c := parseConfig(t, `{"architectures": ["BertForMultipleChoice"], "num_labels": 2}`)
	if c.Labels() != nil || c.Options() != 0 || c.Outputs() != 1 {
		t.Errorf("without names there are %d options, %q, of %d outputs, want any number", c.Options(), c.Labels(), c.Outputs())
	}
	c.SetLabels([]string{"A", "B", "C"})
	if c.Options() != 3 || c.Outputs() != 1 {
		t.Errorf("of three names there are %d options of %d outputs", c.Options(), c.Outputs())
	}
	if c = parseConfig(t, `{}`); c.Options() != 1 {
		t.Errorf("a classifier has %d options", c.Options())
	}
}

// label2id keeps what is an id, and is written as numbers.
func TestLabelIDs(t *testing.T) {
	c := parseConfig(t, `{"label2id": {"a": "1", "b": 0, "c": [], "d": "x"}}`)
	if want := (LabelIDs{"a": 1, "b": 0}); !reflect.DeepEqual(c.Label2ID, want) {
		t.Errorf("label2id is %v, want %v", c.Label2ID, want)
	}
	text, err := json.Marshal(c)
	if err != nil || !strings.Contains(string(text), `"label2id":{"a":1,"b":0}`) {
		t.Errorf("written it is %s, error %v", text, err)
	}
}

func TestHeadDropout(t *testing.T) {
	c := parseConfig(t, `{"hidden_dropout_prob": 0.3}`)
	if c.HeadDropout() != 0.3 {
		t.Errorf("without classifier_dropout it is %v, want hidden_dropout_prob 0.3", c.HeadDropout())
	}
	c = parseConfig(t, `{"hidden_dropout_prob": 0.3, "classifier_dropout": 0}`)
	if c.HeadDropout() != 0 {
		t.Errorf("with classifier_dropout 0 it is %v", c.HeadDropout())
	}
}

func TestCloneSharesNothing(t *testing.T) {
	const text = `{"architectures": ["a"], "id2label": {"0": "x"}, "label2id": {"x": 0}, "classifier_dropout": 0.1, "pad_token_id": 1,
		"more": 1, "power_retention": {"retention": [3, 2], "positions": [0, 1]}, "power_budgets": [{"retention": [3, 1]}],
		"power_thresholds": [0.5], "power_window": {"stride": 1}, "power_quantization": {"float32": ["f"]}}`
	c := parseConfig(t, text)
	d := c.Clone()
	d.Architectures[0], d.ID2Label["0"], d.Label2ID["x"], *d.ClassifierDropout, *d.PadTokenID = "b", "y", 7, 0.9, 9
	d.Extra["more"], d.PowerRetention.Keep[0], d.PowerRetention.MaxLength = nil, 9, 9
	d.PowerRetention.Positions[0], d.Budgets[0].Keep[0], d.Budgets[0].Share = 9, 9, 0.9
	d.Thresholds[0], d.Window.Stride, d.Quantization.Float[0], d.Quantization.Source = 0.9, 9, "g", "h"
	if want := parseConfig(t, text); !reflect.DeepEqual(c, want) {
		t.Errorf("changing the clone made the original %+v", c)
	}
}

// badConfigs is what a config.json can say instead of a model.
var badConfigs = []struct{ name, text, want string }{
	{"num_labels of text", `{"num_labels": "2"}`, `num_labels is "2", want 1 to 65536`},
	{"num_labels too many", `{"num_labels": 99999999999999999999999}`, `num_labels is 99999999999999999999, want 1 to 65536`},
	{"another problem", `{"problem_type": "ranking"}`,
		`problem_type is "ranking", want "single_label_classification", "multi_label_classification" or "regression"`},
	{"a label of several", `{"id2label": {"0": ["a", "b"]}}`, `id2label has ["a","b"] for "0", want a name`},
	{"label ids with a hole", `{"id2label": {"0": "a", "2": "c"}}`, `id2label has 2 labels but none of id 1, want ids 0 to 1`},
	{"thresholds", `{"problem_type": "multi_label_classification", "power_thresholds": [0.5, -0.1, 1.5]}`, `power_thresholds has 3 entries, want one per label, 2
power_thresholds: that of label 1 is -0.1, want 0 to 1
power_thresholds: that of label 2 is 1.5, want 0 to 1`},
	{"windows", `{"max_position_embeddings": 20, "power_window": {"max_length": 21, "stride": 19, "join": "all"}}`, `power_window.max_length is 21, want 3 to 20, the model's longest input
power_window.stride is 19, want 0 to 18: a window has its max_length with the special tokens
power_window.join is "all", want "mean" or "max"`},
	{"thresholds of one label of several", `{"power_thresholds": [0, 1]}`, `power_thresholds is of labels that are each by itself, but problem_type is ""`},
	{"another activation", `{"hidden_act": "gelu_10"}`, `hidden_act is "gelu_10", want ` + activationNames},
	{"another activation of DistilBERT", `{"model_type": "distilbert", "activation": "mish", "hidden_act": "relu6"}`, `activation is "mish", want ` + activationNames},
	{"sizes of DistilBERT", `{"model_type": "distilbert", "dim": 10, "n_heads": 3, "n_layers": 0, "dropout": 1}`, `n_layers is 0, want 1 to 1024
dropout is 1, want 0 or more and less than 1`},
	{"heads of DistilBERT", `{"model_type": "distilbert", "dim": 10, "n_heads": 3}`, `dim 10 is not a multiple of n_heads 3`},
	{"a word of DistilBERT", `{"model_type": "distilbert", "dim": "768"}`, "json: cannot unmarshal string into Go struct field plain.dim of type int"},
	{"no positions behind padding", `{"model_type": "roberta", "pad_token_id": 511}`, "pad_token_id is 511, want 0 to 510: positions begin behind it, and max_position_embeddings is 512"},
	{"no padding", `{"model_type": "camembert", "pad_token_id": -1}`, "pad_token_id is -1, want 0 to 510: positions begin behind it, and max_position_embeddings is 512"},
	{"few buckets", `{"model_type": "mpnet", "relative_attention_num_buckets": 31}`, "relative_attention_num_buckets is 31, want 32 to 16777216"},
	{"ModernBERT's own keys", `{"model_type": "modernbert", "hidden_activation": "mish", "norm_eps": 0, "attention_dropout": 1}`,
		`hidden_activation is "mish", want ` + activationNames + `
attention_dropout is 1, want 0 or more and less than 1
norm_eps is 0, want more than 0`},
	{"pooling of ModernBERT", `{"model_type": "modernbert", "classifier_pooling": "max", "rope_scaling": {"type": "linear"}, "head_dim": 32}`,
		`classifier_pooling is "max", which changes what the model computes and is not known here; want it absent or "cls"
rope_scaling is {"type":"linear"}, which changes what the model computes and is not known here; want it absent or null
head_dim is 32, which changes what the model computes and is not known here; want it absent or 64`},
	{"activation of ModernBERT's head", `{"model_type": "modernbert", "classifier_activation": "mish"}`, `classifier_activation is "mish", want one that hidden_activation may be`},
	{"rotary positions of another type", `{"model_type": "modernbert", "rope_parameters": {"full_attention": {"rope_type": "yarn", "rope_theta": 1e4}}}`,
		`rope_parameters is {"full_attention":{"rope_type":"yarn","rope_theta":1e4}}, which changes what the model computes and is not known here; want rope_theta of rope_type default for full_attention and sliding_attention`},
	{"rotary positions by another key", `{"model_type": "modernbert", "rope_parameters": {"sliding_attention": {"factor": 2}}}`,
		`rope_parameters is {"sliding_attention":{"factor":2}}, which changes what the model computes and is not known here; want rope_theta of rope_type default for full_attention and sliding_attention`},
	{"no θ", `{"model_type": "modernbert", "global_rope_theta": 0}`, "rope_theta is 0 for full_attention and 10000 for sliding_attention, want more than 0"},
	{"θ of text", `{"model_type": "modernbert", "local_rope_theta": "none"}`, `local_rope_theta is "none", want a number`},
	{"window of text", `{"model_type": "modernbert", "local_attention": "far"}`, "local_attention is a string, want what transformers' ModernBertConfig has there"},
	{"window", `{"model_type": "modernbert", "local_attention": -2}`, "local_attention is -2 and its half -1, want 0 to 16777216"},
	{"half window", `{"model_type": "modernbert", "sliding_window": -1}`, "local_attention is 128 and its half -1, want 0 to 16777216"},
	{"kinds of attention", `{"model_type": "modernbert", "num_hidden_layers": 2, "layer_types": ["full_attention", "chunked_attention"]}`, `layer_types has "chunked_attention", want "full_attention" or "sliding_attention"`},
	{"too few kinds of attention", `{"model_type": "modernbert", "num_hidden_layers": 2, "layer_types": ["full_attention"]}`, "layer_types has 1 entries, want one per encoder, 2"},
	{"every which", `{"model_type": "modernbert", "global_attn_every_n_layers": 0}`, "global_attn_every_n_layers is 0, want 1 or more"},
	{"odd heads", `{"model_type": "modernbert", "hidden_size": 15, "num_attention_heads": 3}`, "hidden_size/num_attention_heads is 5, want an even number: rotary positions turn pairs"},
	{"dropout of an embedding", `{"model_type": "modernbert", "embedding_dropout": 1}`, "embedding_dropout is 1, want 0 or more and less than 1"},
	{"another summary", `{"model_type": "electra", "architectures": ["ElectraForMultipleChoice"], "summary_type": "mean", "summary_activation": null}`,
		`summary_type is "mean", which changes what the model computes and is not known here; want it absent or "first"
summary_activation is null, which changes what the model computes and is not known here; want it absent or "gelu"`},
	{"another computation", `{"add_cross_attention": true, "pruned_heads": {"1": [0, 2]}, "quantization_config": {"bits": 4}}`,
		`add_cross_attention is true, which changes what the model computes and is not known here; want it absent or null
pruned_heads is {"1":[0,2]}, which changes what the model computes and is not known here; want it absent or null
quantization_config is {"bits":4}, which changes what the model computes and is not known here; want it absent or null`},
	{"ALBERT in groups", `{"model_type": "albert", "num_hidden_groups": 2, "inner_group_num": 3}`,
		`num_hidden_groups is 2, want 1: encoders that share their weights in groups are not supported
inner_group_num is 3, want 1: encoders that share their weights in groups are not supported`},
	{"ALBERT without an embedding", `{"model_type": "albert", "embedding_size": 0, "classifier_dropout_prob": 1}`,
		`embedding_size is 0, want 1 to 16777216
classifier_dropout_prob is 1, want 0 or more and less than 1`},
	{"relative positions", `{"position_embedding_type": "relative_key"}`,
		`position_embedding_type is "relative_key", want "absolute"`},
	{"a decoder", `{"is_decoder": true}`, `is_decoder is true, want an encoder`},
	{"heads", `{"hidden_size": 10, "num_attention_heads": 4}`,
		`hidden_size 10 is not a multiple of num_attention_heads 4`},
	{"absurdly large", `{"vocab_size": 16777216, "hidden_size": 16777216, "num_attention_heads": 2}`,
		`the sizes make 1.41e+16 parameters, want at most 1.72e+10`},
	{"rates", `{"hidden_dropout_prob": 1, "attention_probs_dropout_prob": -0.1, "classifier_dropout": 2}`,
		`hidden_dropout_prob is 1, want 0 or more and less than 1
attention_probs_dropout_prob is -0.1, want 0 or more and less than 1
classifier_dropout is 2, want 0 or more and less than 1`},
	{"all at once", `{"vocab_size": 0, "num_hidden_layers": 1000000000, "hidden_act": "mish", "layer_norm_eps": 0, "initializer_range": -1}`,
		`hidden_act is "mish", want ` + activationNames + `
vocab_size is 0, want 1 to 16777216
num_hidden_layers is 1000000000, want 1 to 1024
layer_norm_eps is 0, want more than 0
initializer_range is -1, want more than 0`},
	{"retention", `{"num_hidden_layers": 3, "power_retention": {"max_length": 513, "ranks": "none", "retention": [20, 21, 0, 4]}}`,
		`power_retention.ranks is "none", want "absolute" or "relative"
power_retention.max_length is 513, want 1 to 512, the model's longest input
power_retention.retention has 4 entries, want one per encoder, 3
power_retention.retention: encoder 2 keeps 21 word-vectors, want 1 to 20
power_retention.retention: encoder 3 keeps 0 word-vectors, want 1 to 21
power_retention.retention: encoder 4 keeps 4 word-vectors, want 1 to 0`},
	{"budgets", `{"num_hidden_layers": 2, "power_retention": {"max_length": 9, "ranks": "absolute", "retention": [8, 4]},
		"power_budgets": [{"share": 1.5, "retention": [8, 4]}, {"share": 0.5, "retention": [9, 4]}, {"share": 0.5, "retention": [3, 4]}, {"share": 0, "retention": [0, 1]}, {"share": 0.1, "retention": [1]}]}`,
		`power_budgets: share 1 is 1.5, want more than 0, 1 at most, and less than the one before
power_budgets: encoder 1 keeps 9 word-vectors at 0.5, want 1 to 8, what the encoder before and the larger budget keep
power_budgets: share 3 is 0.5, want more than 0, 1 at most, and less than the one before
power_budgets: encoder 2 keeps 4 word-vectors at 0.5, want 1 to 3, what the encoder before and the larger budget keep
power_budgets: share 4 is 0, want more than 0, 1 at most, and less than the one before
power_budgets: encoder 1 keeps 0 word-vectors at 0, want 1 to 3, what the encoder before and the larger budget keep
power_budgets: encoder 2 keeps 1 word-vectors at 0, want 1 to 0, what the encoder before and the larger budget keep
power_budgets: share 5 is 0.1, want more than 0, 1 at most, and less than the one before
power_budgets: the list of 0.1 has 1 entries, want one per encoder, 2`},
	{"budgets alone", `{"num_hidden_layers": 1, "power_budgets": [{"share": 0.5, "retention": [2]}]}`,
		`power_budgets has lists, but there is no power_retention, which says how they are read`},
	{"score", `{"num_hidden_layers": 1, "power_retention": {"max_length": 3, "ranks": "absolute", "retention": [2], "score": "values"}}`,
		`power_retention.score is "values", want one of attention, value`},
	{"strategy", `{"num_hidden_layers": 1, "power_retention": {"max_length": 3, "ranks": "absolute", "retention": [2], "strategy": "tail", "positions": [0, 1, 2]}}`,
		`power_retention.strategy is "tail", want one of attention, random, head
power_retention.positions are drawn for the strategy random, but strategy is "tail"`},
	{"temperature", `{"power_temperature": -2}`, `power_temperature is -2, want more than 0`},
	{"temperature of scores", `{"power_temperature": 2, "problem_type": "regression", "num_labels": 1}`, `power_temperature is 2, but the outputs are scores; want none`},
	{"nothing drawn", `{"num_hidden_layers": 1, "power_retention": {"max_length": 3, "ranks": "absolute", "retention": [2], "strategy": "random"}}`,
		`power_retention.positions holds 0 numbers, want 0 to max_length - 1, 2, each once and 0 first`},
	{"drawn twice", `{"num_hidden_layers": 1, "power_retention": {"max_length": 3, "ranks": "absolute", "retention": [2], "strategy": "random", "positions": [0, 2, 2]}}`,
		`power_retention.positions holds 3 numbers, want 0 to max_length - 1, 2, each once and 0 first`},
	{"[CLS] not first", `{"num_hidden_layers": 1, "power_retention": {"max_length": 3, "ranks": "absolute", "retention": [2], "strategy": "random", "positions": [1, 0, 2]}}`,
		`power_retention.positions holds 3 numbers, want 0 to max_length - 1, 2, each once and 0 first`},
}

// activationNames are those that hidden_act may have, in a message.
const activationNames = `"gelu", "gelu_accurate", "gelu_fast", "gelu_new", "gelu_python", "gelu_python_tanh", "gelu_pytorch_tanh", "relu", "silu", "swish" or "tanh"`

func TestBadConfigs(t *testing.T) {
	for _, c := range badConfigs {
		t.Run(c.name, func(t *testing.T) {
			var config Config
			err := json.Unmarshal([]byte(c.text), &config)
			if err == nil {
				err = config.Validate()
			}
			if err == nil || err.Error() != c.want {
				t.Errorf("error is\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

// What lies on the edge of what is allowed.
func TestConfigsAtTheLimits(t *testing.T) {
	const small = `"vocab_size": 1, "hidden_size": 1, "num_attention_heads": 1, "num_hidden_layers": 1, "intermediate_size": 1, "type_vocab_size": 1, `
	for _, text := range []string{
		`{` + small + `"max_position_embeddings": 1, "power_retention": {"max_length": 1, "ranks": "relative", "retention": [1]}}`,
		`{` + small + `"max_position_embeddings": 7, "power_retention": {"max_length": 7, "ranks": "absolute", "retention": [7]}}`,
		`{` + small + `"max_position_embeddings": 7, "power_retention": {"max_length": 3, "ranks": "absolute", "retention": [3], "strategy": "random", "positions": [0, 2, 1]}}`,
		`{` + small + `"max_position_embeddings": 1, "model_type": "albert", "embedding_size": 1}`,
		`{` + small + `"max_position_embeddings": 1, "model_type": "albert", "embedding_size": 16777216}`,
		`{` + small + `"max_position_embeddings": 16777216, "num_labels": 65536}`,
		`{` + small + `"max_position_embeddings": 3, "model_type": "roberta", "pad_token_id": 1, "power_retention": {"max_length": 1, "ranks": "absolute", "retention": [1]}}`,
		`{` + small + `"max_position_embeddings": 1, "add_cross_attention": false, "pruned_heads": { }, "quantization_config": null, "is_decoder": false, "sinusoidal": {"unknown": [1]}}`,
		`{"vocab_size": 1, "hidden_size": 2, "num_attention_heads": 1, "num_hidden_layers": 1, "intermediate_size": 1, "max_position_embeddings": 1, "model_type": "modernbert", "local_attention": 0, "rope_parameters": null, "layer_types": null, "classifier_pooling": "cls"}`,
		`{` + small + `"max_position_embeddings": 1, "model_type": "electra", "embedding_size": 1, "architectures": ["ElectraForMultipleChoice"], "summary_type": "first"}`,
	} {
		c := parseConfig(t, text)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The dropout of the head is written under the family's own key, and under BERT's where
// that is given.
func TestClassifierDropoutKeys(t *testing.T) {
	for text, want := range map[string]map[string]bool{
		`{}`:                       {"classifier_dropout": true, "classifier_dropout_prob": false},
		`{"model_type": "albert"}`: {"classifier_dropout": false, "classifier_dropout_prob": true},
		`{"model_type": "albert", "classifier_dropout": 0.3}`:       {"classifier_dropout": true, "classifier_dropout_prob": true},
		`{"model_type": "albert", "classifier_dropout_prob": null}`: {"classifier_dropout": true, "classifier_dropout_prob": false},
	} {
		written, err := json.Marshal(parseConfig(t, text))
		if err != nil {
			t.Fatal(err)
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(written, &keys); err != nil {
			t.Fatal(err)
		}
		for key, there := range want {
			if _, ok := keys[key]; ok != there {
				t.Errorf("%s is written with %s: %v, want %v", text, key, ok, there)
			}
		}
	}
}

// A family's own words are read and written; what it has none of is kept as it came, and
// decides nothing.
func TestKeysOfDistilBERT(t *testing.T) {
	c := parseConfig(t, `{"model_type": "distilbert", "dim": 24, "n_layers": 3, "num_attention_heads": 4, "hidden_dim": 40, "activation": "relu", "dropout": 0.2,
		"attention_dropout": 0.3, "seq_classif_dropout": 0.4, "type_vocab_size": 5, "layer_norm_eps": 1e-3, "sinusoidal_pos_embds": true}`)
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if c.HiddenSize != 24 || c.NumHiddenLayers != 3 || c.NumAttentionHeads != 4 || c.IntermediateSize != 40 || c.HiddenAct != "relu" || c.HiddenDropoutProb != 0.2 ||
		c.AttentionProbsDropoutProb != 0.3 || c.HeadDropout() != 0.4 || c.TypeVocabSize != 0 || c.LayerNormEps != 1e-12 {
		t.Errorf("got %+v", c)
	}
	c.ClassifierDropout = nil // which DistilBERT cannot say
	text, err := json.Marshal(c)
	const want = `{"activation":"relu","attention_dropout":0.3,"dim":24,"dropout":0.2,"hidden_dim":40,"initializer_range":0.02,"layer_norm_eps":1e-3,` +
		`"max_position_embeddings":512,"model_type":"distilbert","n_heads":4,"n_layers":3,"sinusoidal_pos_embds":true,"type_vocab_size":5,"vocab_size":30522}`
	if err != nil || string(text) != want {
		t.Errorf("written it is\n%s\nwant\n%s; error %v", text, want, err)
	}
	// As DistilBertConfig.from_dict of transformers 5.24 has it.
	both := parseConfig(t, `{"model_type": "distilbert", "dim": 24, "hidden_size": 48, "hidden_act": "relu"}`)
	if both.HiddenSize != 48 || both.HiddenAct != "gelu" {
		t.Errorf("dim 24 beside hidden_size 48 makes %d, hidden_act %s", both.HiddenSize, both.HiddenAct)
	}
}
