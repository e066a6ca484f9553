package main

import (
	"errors"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// maxLength is that of the model, in tokens.
const maxLength = 512

// makeModel writes a BERT of 6 encoders of width 128 and random weights.
func makeModel(dir string) error {
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		return err
	}
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = tok.Size(), 128, 6, 2, 512
	c.MaxPositionEmbeddings = maxLength
	c.SetLabels(data.DemoLabels())
	p := model.NewParams[float32](c)
	p.Init(1)
	return errors.Join(tok.Save(dir), model.Save(dir, c, p))
}

// What is asked: a short text, 32 of 512 tokens each, and 1.8 MB of words.
var (
	short = `{"inputs": "a slow start but a lovely end"}`
	long  = `{"inputs": [` + strings.Join(slicesOf(32, `["`+strings.Repeat("the film was good ", 150)+`"]`), ",") + `]}`
	large = `{"inputs": "` + strings.Repeat("the film was good ", 100_000) + `"}`
)

func slicesOf(n int, what string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = what
	}
	return list
}
