package arch

import (
	"slices"
	"testing"

	"github.com/powerbert/powerbert/problem"
)

// The classes of transformers, by family and problem.
func TestHeads(t *testing.T) {
	for modelType, want := range map[string]map[problem.Kind]string{
		BERT: {"": "BertForSequenceClassification", problem.Classification: "BertForSequenceClassification",
			problem.Regression: "BertForSequenceClassification", problem.MultipleChoice: "BertForMultipleChoice"},
		ALBERT: {"": "AlbertForSequenceClassification", problem.Classification: "AlbertForSequenceClassification",
			problem.Regression: "AlbertForSequenceClassification", problem.MultipleChoice: "AlbertForMultipleChoice"},
	} {
		for kind, architecture := range want {
			c := FamilyOf(modelType).Defaults()
			labels := []string{"x", "y", "z"}
			if kind == problem.Regression {
				labels = labels[:1]
			}
			c.SetProblem(kind, labels)
			if got := c.Architecture(); got != architecture || !slices.Equal(c.Architectures, []string{architecture}) {
				t.Errorf("%s for %q: %s, architectures %q, want %s", modelType, kind, got, c.Architectures, architecture)
			}
			if kind == "" {
				kind = problem.Classification
			}
			if c.Problem() != kind || c.MaskedLM() {
				t.Errorf("%s for %q is for %q", modelType, kind, c.Problem())
			}
		}
	}
	c := masked(t, DefaultBERT())
	if c.Architecture() != "BertForMaskedLM" || c.Problem() != problem.MaskedTokens {
		t.Errorf("masked, it is %s for %q", c.Architecture(), c.Problem())
	}
	c.Architectures = append(c.Architectures, "Another")
	if c.MaskedLM() {
		t.Error("a model of two classes guesses masked tokens")
	}
}

func TestFamiliesWithoutAHeadForMaskedTokens(t *testing.T) {
	c := DefaultALBERT()
	c.Architectures = []string{"AlbertForMaskedLM"} // as published: what we read of it is the encoder
	const want = `model_type is "albert", want "bert", "roberta", "camembert", "xlm-roberta", "distilbert", "electra", "mpnet" or "modernbert" for masked-language modelling`
	if err := c.SetMaskedLM(); err == nil || err.Error() != want || c.MaskedLM() || c.Architectures[0] != "AlbertForMaskedLM" {
		t.Errorf("error is %v, want %s; architectures %q", err, want, c.Architectures)
	}
	if c.Architectures = []string{""}; c.MaskedLM() {
		t.Error("a model of no class guesses masked tokens")
	}
}

func TestOneOf(t *testing.T) {
	for want, words := range map[string][]string{"": nil, `"a"`: {"a"}, `"a" or "b"`: {"a", "b"}, `"a", "b" or "c"`: {"a", "b", "c"}} {
		if got := oneOf(words); got != want {
			t.Errorf("%q read %s, want %s", words, got, want)
		}
	}
}

func TestFamilies(t *testing.T) {
	if got := Types(); !slices.Equal(got, []string{"bert", "albert", "roberta", "camembert", "xlm-roberta", "distilbert", "electra", "mpnet", "modernbert"}) {
		t.Errorf("types are %q", got)
	}
	for modelType, want := range map[string]struct{ title, base, wrong string }{
		BERT: {"a BERT", "bert.", ""}, ALBERT: {"an ALBERT", "albert.", ""},
		"deberta-v2":  {"a BERT", "bert.", `model_type is "deberta-v2", want "bert", "albert", "roberta", "camembert", "xlm-roberta", "distilbert", "electra", "mpnet" or "modernbert"`},
		"xlm-roberta": {"an XLM-RoBERTa", "roberta.", ""}, "distilbert": {"a DistilBERT", "distilbert.", ""}, "electra": {"an ELECTRA", "electra.", ""},
	} {
		f, err := FamilyOf(modelType), CheckType(modelType)
		if f.Title != want.title || f.Base != want.base || f.Maps() != (modelType == ALBERT || modelType == ELECTRA) {
			t.Errorf("%s is %s, its tensors %s…, mapped %v", modelType, f.Title, f.Base, f.Maps())
		}
		if (err == nil) != (want.wrong == "") || err != nil && err.Error() != want.wrong {
			t.Errorf("%s: error is %v, want %q", modelType, err, want.wrong)
		}
	}
}

// Every family has a class for every problem but one, and positions for as many tokens as
// its published models.
func TestOtherFamilies(t *testing.T) {
	for modelType, want := range map[string]struct {
		class, config string
		longest       int
	}{
		RoBERTa:    {"RobertaFor", `"max_position_embeddings": 514`, 512},
		CamemBERT:  {"CamembertFor", `"max_position_embeddings": 514`, 512},
		XLMRoBERTa: {"XLMRobertaFor", `"max_position_embeddings": 520, "pad_token_id": 7`, 512},
		DistilBERT: {"DistilBertFor", `"max_position_embeddings": 512, "pad_token_id": 7`, 512},
		ELECTRA:    {"ElectraFor", `"max_position_embeddings": 512`, 512},
		MPNet:      {"MPNetFor", `"max_position_embeddings": 514, "pad_token_id": 7`, 512},
		ModernBERT: {"ModernBertFor", `"max_position_embeddings": 512, "pad_token_id": 7`, 512},
	} {
		c := parseConfig(t, `{"model_type": "`+modelType+`", `+want.config+`}`)
		if err := c.Validate(); err != nil || c.Longest() != want.longest || c.Architecture() != want.class+"SequenceClassification" {
			t.Errorf("%s: %d tokens at most, want %d; class %s, error %v", modelType, c.Longest(), want.longest, c.Architecture(), err)
		}
		c.SetProblem(problem.MultipleChoice, []string{"a", "b"})
		if c.Architecture() != want.class+"MultipleChoice" || c.Net().Head.Output.Out != 1 {
			t.Errorf("%s: it chooses by %s", modelType, c.Architecture())
		}
		if err := c.SetMaskedLM(); err != nil || c.Architecture() != want.class+"MaskedLM" {
			t.Errorf("%s: it guesses by %s, error %v", modelType, c.Architecture(), err)
		}
		if c.SetLongest(100, 3); c.Longest() != 100 {
			t.Errorf("%s: it has positions for %d tokens, want 100", modelType, c.Longest())
		}
	}
}

// Pairs are told from single texts by types where the model has any; without them the
// separators tell.
func TestTakesPairs(t *testing.T) {
	for _, c := range []struct {
		types, tokens int
		want          bool
	}{{0, 2, true}, {0, 1, true}, {1, 1, true}, {1, 2, false}, {2, 2, true}, {3, 2, true}} {
		if got := (&Config{TypeVocabSize: c.types}).TakesPairs(c.tokens); got != c.want {
			t.Errorf("type_vocab_size %d, types of tokens %d: %v", c.types, c.tokens, got)
		}
	}
}

// Where config.json says nothing, each has what transformers' configuration class has.
func TestDefaultsOfOtherFamilies(t *testing.T) {
	for modelType, want := range map[string]struct {
		vocabulary, layers, hidden, heads, ffn, types, embedding, pad, buckets int
		head                                                                   float64
	}{
		RoBERTa:    {50265, 12, 768, 12, 3072, 2, 0, 1, 0, 0.1},
		CamemBERT:  {30522, 12, 768, 12, 3072, 2, 0, 1, 0, 0.1},
		XLMRoBERTa: {30522, 12, 768, 12, 3072, 2, 0, 1, 0, 0.1},
		DistilBERT: {30522, 6, 768, 12, 3072, 0, 0, -1, 0, 0.2},
		ELECTRA:    {30522, 12, 256, 4, 1024, 2, 128, -1, 0, 0.1},
		MPNet:      {30527, 12, 768, 12, 3072, 0, 0, 1, 32, 0.1},
	} {
		c, pad := parseConfig(t, `{"model_type": "`+modelType+`"}`), -1
		if c.PadTokenID != nil {
			pad = *c.PadTokenID
		}
		got := []int{c.VocabSize, c.NumHiddenLayers, c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize, c.TypeVocabSize, c.EmbeddingSize, pad, c.RelativeBuckets, c.MaxPositionEmbeddings}
		wanted := []int{want.vocabulary, want.layers, want.hidden, want.heads, want.ffn, want.types, want.embedding, want.pad, want.buckets, 512}
		if !slices.Equal(got, wanted) || c.HeadDropout() != want.head || c.HiddenAct != "gelu" || c.LayerNormEps != 1e-12 {
			t.Errorf("%s: %v, dropout %v, want %v and %v", modelType, got, c.HeadDropout(), wanted, want.head)
		}
	}
}

// The rates of dropout, and where ELECTRA's choice has its own.
func TestDropoutOfOtherFamilies(t *testing.T) {
	for text, want := range map[string][]float64{ // attention's and the feed-forward's outputs, the head's input and its vector
		`{"model_type": "roberta", "hidden_dropout_prob": 0.2, "classifier_dropout": 0.3}`:                                                         {0.2, 0.2, 0.3, 0.3},
		`{"model_type": "roberta", "hidden_dropout_prob": 0.2, "classifier_dropout": 0.3, "architectures": ["RobertaForMultipleChoice"]}`:          {0.2, 0.2, 0, 0.2},
		`{"model_type": "mpnet", "hidden_dropout_prob": 0.2, "classifier_dropout": 0.3}`:                                                           {0.2, 0.2, 0.2, 0.2},
		`{"model_type": "mpnet", "hidden_dropout_prob": 0.2, "architectures": ["MPNetForMultipleChoice"]}`:                                         {0.2, 0.2, 0, 0.2},
		`{"model_type": "distilbert", "dropout": 0.2, "seq_classif_dropout": 0.3}`:                                                                 {0, 0.2, 0, 0.3},
		`{"model_type": "modernbert", "attention_dropout": 0.2, "mlp_dropout": 0.3, "classifier_dropout": 0.4}`:                                    {0.2, 0, 0, 0.4},
		`{"model_type": "modernbert", "mlp_dropout": 0.3}`:                                                                                         {0, 0, 0, 0},
		`{"model_type": "electra", "hidden_dropout_prob": 0.2}`:                                                                                    {0.2, 0.2, 0.2, 0.2},
		`{"model_type": "electra", "hidden_dropout_prob": 0.2, "architectures": ["ElectraForMultipleChoice"]}`:                                     {0.2, 0.2, 0, 0.1},
		`{"model_type": "electra", "hidden_dropout_prob": 0.2, "architectures": ["ElectraForMultipleChoice"], "summary_last_dropout": 0}`:          {0.2, 0.2, 0, 0},
		`{"model_type": "electra", "hidden_dropout_prob": 0.2, "architectures": ["ElectraForMultipleChoice"], "summary_last_dropout": "a lot of"}`: {0.2, 0.2, 0, 0.1},
	} {
		c := parseConfig(t, text)
		n := c.Net()
		b, h := &n.Blocks[1], &n.Head
		if got := []float64{b.Attention.OutputDropout, b.FFN.Dropout, h.InDropout, h.Dropout}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}
