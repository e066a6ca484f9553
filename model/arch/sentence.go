package arch

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/powerbert/powerbert/problem"
)

// The keys in which the CrossEncoder of sentence-transformers says what is done to the
// logits, from 4.0 on and before.
const (
	sentenceKey    = "sentence_transformers"
	oldSentenceKey = "sbert_ce_default_activation_function"
)

// sentenceType is the problem_type of a CrossEncoder that says what is done to its logits:
// one that is left as it is, as of rankers, is a score, and sigmoids are labels by
// themselves; "" where nothing is said.
func (c *Config) sentenceType() string {
	var said struct {
		Activation string `json:"activation_fn"`
	}
	var before string
	_ = json.Unmarshal(c.Extra[sentenceKey], &said) // what is no such object says nothing
	_ = json.Unmarshal(c.Extra[oldSentenceKey], &before)
	activation := cmp.Or(said.Activation, before)
	switch name := activation[strings.LastIndexByte(activation, '.')+1:]; {
	case name == "Identity" && c.NumLabels() == 1:
		return string(problem.Regression)
	case name == "Sigmoid":
		return string(problem.MultiLabel)
	}
	return ""
}

// forgetSentence takes out what a CrossEncoder says of outputs that are others now.
func (c *Config) forgetSentence() {
	delete(c.Extra, sentenceKey)
	delete(c.Extra, oldSentenceKey)
}
