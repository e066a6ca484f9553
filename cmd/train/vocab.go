package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
)

// newVocab is `train vocab`: a WordPiece vocabulary of one's own.
func newVocab(a *app) *cobra.Command {
	var corpus data.Corpus
	var o tokenizer.Options
	c := &cobra.Command{
		Use:   "vocab FILE...",
		Short: "Learn a WordPiece vocabulary from text",
		Long: `Vocab counts the words of texts and learns a WordPiece vocabulary from them, by
byte-pair joins as Hugging Face's trainer does. It writes vocab.txt,
tokenizer_config.json and tokenizer.json to --out, where tokenizer.vocab of an
experiment finds them. A file is plain text or, by its suffix, a CSV, TSV or JSONL
file with a text column; gzip is read as it is.`,
		Example: `  train vocab reviews.txt.gz --size 8000 --out vocabulary
  train vocab labelled.tsv more.txt --text sentence --out vocabulary`,
		Args: cobra.MinimumNArgs(1),
	}
	flags := c.Flags()
	size := flags.Int("size", 8000, "pieces of the vocabulary, at most")
	out := flags.String("out", "", "folder to write to")
	flags.StringVar(&corpus.Column, "text", "text", "text column of the tables among the files")
	flags.BoolVar(&o.Cased, "cased", false, "keep capitals and accents")
	a.renamed(c, "column", "text")
	_ = c.MarkFlagRequired("out") // both fail only for an unknown flag
	_ = c.MarkFlagDirname("out")
	c.RunE = func(c *cobra.Command, args []string) error {
		corpus.Files = args
		return a.learnVocabulary(c.Context(), corpus, o, *size, *out)
	}
	return c
}

// vocabularyResult is what `train vocab --json` shows.
type vocabularyResult struct {
	Documents int    `json:"documents"`
	Words     int    `json:"words"` // different ones
	Pieces    int    `json:"pieces"`
	Dir       string `json:"dir"`
}

func (a *app) learnVocabulary(ctx context.Context, corpus data.Corpus, o tokenizer.Options, size int, out string) error {
	counter, documents := tokenizer.NewCounter(o), 0
	err := corpus.Each(func(text string) error {
		counter.Add(text)
		documents++
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if counter.Words() == 0 {
		return &data.Error{File: strings.Join(corpus.Files, ", "), Err: errors.New("the texts hold no words")}
	}
	vocab, err := counter.Learn(size)
	if err != nil {
		return usagef("vocab", "%w", err)
	}
	tok, err := tokenizer.New(vocab, o)
	if err != nil {
		return err
	}
	if err := tok.Save(out); err != nil {
		return err
	}
	r := vocabularyResult{documents, counter.Words(), tok.Size(), out}
	if a.json {
		return a.writeJSON(r)
	}
	_, err = fmt.Fprintf(a.stdout, "%d documents, %d different words: %d pieces in %s\n", r.Documents, r.Words, r.Pieces, r.Dir)
	return err
}
