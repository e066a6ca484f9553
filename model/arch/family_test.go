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
	c := masked(t, DefaultConfig())
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
	const want = `model_type is "albert", want "bert" for masked-language modelling`
	if err := c.SetMaskedLM(); err == nil || err.Error() != want || c.MaskedLM() || c.Architectures[0] != "AlbertForMaskedLM" {
		t.Errorf("error is %v, want %s; architectures %q", err, want, c.Architectures)
	}
	if c.Architectures = []string{""}; c.MaskedLM() {
		t.Error("a model of no class guesses masked tokens")
	}
}

func TestFamilies(t *testing.T) {
	if got := Types(); !slices.Equal(got, []string{"bert", "albert"}) {
		t.Errorf("types are %q", got)
	}
	for modelType, want := range map[string]struct{ title, base, wrong string }{
		BERT: {"a BERT", "bert.", ""}, ALBERT: {"an ALBERT", "albert.", ""},
		"roberta": {"a BERT", "bert.", `model_type is "roberta", want "bert" or "albert"`},
	} {
		f, err := FamilyOf(modelType), CheckType(modelType)
		if f.Title != want.title || f.Base != want.base || f.Maps() != (modelType == ALBERT) {
			t.Errorf("%s is %s, its tensors %s…, mapped %v", modelType, f.Title, f.Base, f.Maps())
		}
		if (err == nil) != (want.wrong == "") || err != nil && err.Error() != want.wrong {
			t.Errorf("%s: error is %v, want %q", modelType, err, want.wrong)
		}
	}
}
