package arch

import (
	"cmp"
	"encoding/json"
	"strings"
)

// The keys in which the CrossEncoder of sentence-transformers says what is done to the
// logits, from 4.0 on and before.
const (
	sentenceKey    = "sentence_transformers"
	oldSentenceKey = "sbert_ce_default_activation_function"
)

// sentenceActivation is what a CrossEncoder's config.json says that is done to its logits,
// by the name of PyTorch's class; "" where nothing is said.
func sentenceActivation(extra map[string]json.RawMessage) string {
	var said struct {
		Activation string `json:"activation_fn"`
	}
	var before string
	_ = json.Unmarshal(extra[sentenceKey], &said) // what is no such object says nothing
	_ = json.Unmarshal(extra[oldSentenceKey], &before)
	activation := cmp.Or(said.Activation, before)
	return activation[strings.LastIndexByte(activation, '.')+1:]
}

// forgetSentence takes out what a CrossEncoder says of outputs that are others now.
func forgetSentence(extra map[string]json.RawMessage) {
	delete(extra, sentenceKey)
	delete(extra, oldSentenceKey)
}
