package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline"
)

// predictFlags are the flags of `train predict`.
type predictFlags struct {
	source      data.TextSource
	malformed   string
	trace       bool
	batchTokens int
	maxLength   int
}

// newPredict is `train predict`: a model on texts without labels.
func newPredict(a *app) *cobra.Command {
	var f predictFlags
	c := &cobra.Command{
		Use:   "predict DIR",
		Short: "Predict the labels of texts, as JSON lines",
		Long: `Predict reads texts from standard input, one per line, or from a file, and writes
one JSON object per text to standard output, in the order of the texts. A CSV, TSV
or JSONL file, which the suffix or --format tells, needs the name of its text column;
two names are a pair of texts. Gzip is read as it is.

A regression gives a score. A model that chooses among options reads passages with
questions as RACE has them: a JSON object per passage, or a folder of .txt files.

Texts stream: a file may be larger than memory, and a pipe gets its answers as it
goes. All cores work.`,
		Example: `  echo "a slow start but a lovely end" | train predict runs/demo/retrain
  train predict runs/mine/retrain --data more.csv.gz --text review > predictions.jsonl
  train predict runs/demo/retrain --data texts.txt --trace`,
		Args:              oneArgument("DIR", modelMeaning),
		ValidArgsFunction: completeDir,
	}
	flags := c.Flags()
	flags.StringVar(&f.source.Path, "data", "-", "file of texts; - is standard input")
	flags.StringSliceVar(&f.source.Text, "text", nil, "its text column, or two for pairs")
	flags.StringVar(&f.source.Format, "format", "", "lines, csv, tsv, jsonl or json (default: by the suffix, or lines; race for multiple choice)")
	flags.StringVar(&f.malformed, "on-malformed", "stop", "at a malformed row: stop, or skip it and count")
	flags.BoolVar(&f.trace, "trace", false, "tell how many encoders each word survives; slower")
	flags.IntVar(&f.batchTokens, "batch-tokens", 2048, "tokens that pass together on a core, about")
	flags.IntVar(&f.maxLength, "max-length", 0, "tokens that texts are cut to (default: as the model was trained)")
	c.RunE = func(c *cobra.Command, args []string) error {
		f.source.Input = c.InOrStdin()
		return a.predict(c.Context(), args[0], f)
	}
	return c
}

// check refuses flags that make no sense with any model.
func (f *predictFlags) check() error {
	switch {
	case f.malformed != "stop" && f.malformed != "skip":
		return usagef("predict", "--on-malformed is %q, want stop or skip", f.malformed)
	case f.batchTokens < 1:
		return usagef("predict", "--batch-tokens is %d, want 1 or more", f.batchTokens)
	}
	return nil
}

// forProblem settles the format: RACE's is that of models that choose, and of no other.
func (f *predictFlags) forProblem(m *infer.Model, dir string) error {
	choice := m.Chooses()
	switch format := f.source.Format; {
	case choice && format == "":
		f.source.Format = data.RACE
	case choice && format != data.RACE:
		return usagef("predict", "--format is %q, but %s chooses among the options of a question, want race", format, dir)
	case !choice && format == data.RACE:
		return usagef("predict", "--format is race, but %s reads texts, not questions with options", dir)
	}
	f.source.Options = m.Config.Options()
	return nil
}

// predict streams the texts through the model.
func (a *app) predict(ctx context.Context, dir string, f predictFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	m, err := openModel("predict", dir, f.maxLength)
	if err != nil {
		return err
	}
	f.source.SkipMalformed = f.malformed == "skip"
	if err := f.forProblem(m, dir); err != nil {
		return err
	}
	texts, err := data.OpenTexts(f.source)
	var file *data.Error
	if err != nil && !errors.As(err, &file) {
		return usagef("predict", "%w", err)
	}
	if err != nil {
		return err
	}
	defer texts.Close()
	if texts.Paired && !m.TakesPairs() {
		return usagef("predict", "--text names two columns, but %s knows one token type: it takes no pairs", dir)
	}
	next := func() (data.Encoded, error) {
		e, err := texts.Next()
		if err != nil {
			return data.Encoded{}, err
		}
		return m.Encode(e, texts.Paired), nil
	}
	out := &predictionWriter{buffer: bufio.NewWriter(a.stdout), trace: f.trace, several: m.AnyLabels()}
	err = infer.Stream{Model: m, Tokens: f.batchTokens, Trace: f.trace}.Run(ctx, next, out.write)
	switch {
	case errors.Is(err, syscall.EPIPE): // whoever read the output has seen enough
		return nil
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w after the predictions of %d texts", pipeline.ErrInterrupted, out.texts)
	case err != nil && !errors.As(err, &file): // the texts may still be read
		return err
	case texts.Skipped > 0:
		fmt.Fprintf(a.stderr, "train: malformed rows skipped: %d, the first of them %s\n", texts.Skipped, texts.First)
	}
	return err
}

// A predictionWriter writes a JSON object per line, and flushes whole lines.
type predictionWriter struct {
	buffer  *bufio.Writer
	trace   bool
	several bool // a text may have several labels, or none
	texts   int  // written
}

// A predictionLine is a line of the output.
type predictionLine struct {
	Label         string       `json:"label,omitempty"`
	Labels        *[]string    `json:"labels,omitempty"` // those that are likelier than not, where each is by itself
	Probabilities *byLabel     `json:"probabilities,omitempty"`
	Score         *float64     `json:"score,omitempty"`  // of a regression, in place of all
	Scores        *byLabel     `json:"scores,omitempty"` // of a regression of several
	Trace         *wordsOfText `json:"trace,omitempty"`
}

func (p *predictionWriter) line(said infer.Prediction) predictionLine {
	switch {
	case said.Scores != nil:
		return predictionLine{Scores: &byLabel{said.Names, said.Scores}}
	case said.Probabilities == nil:
		return predictionLine{Score: &said.Score}
	}
	line := predictionLine{Label: said.Label, Probabilities: &byLabel{said.Names, said.Probabilities}}
	if p.several && len(said.Names) > 1 {
		likely := append([]string{}, said.Labels...)
		line.Labels = &likely
	}
	return line
}

// wordsOfText is how long each word of a text lives.
type wordsOfText struct {
	Words    []string `json:"words"`    // with [CLS] and [SEP]
	Survives []int    `json:"survives"` // encoders that each lives through
}

// write writes the predictions of a batch.
func (p *predictionWriter) write(traces []infer.Trace) error {
	encoder := json.NewEncoder(p.buffer)
	encoder.SetEscapeHTML(false)
	for _, t := range traces {
		line := p.line(t.Prediction)
		if p.trace {
			words, survives := t.Words()
			line.Trace = &wordsOfText{words, survives}
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	p.texts += len(traces)
	return p.buffer.Flush()
}

// byLabel is numbers by label, which JSON has as an object in the labels' order.
type byLabel struct {
	labels []string
	values []float64
}

// MarshalJSON is the object.
func (b byLabel) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	for i, label := range b.labels {
		text.WriteByte("{,"[min(i, 1)])
		if err := encoder.Encode(label); err != nil {
			return nil, err
		}
		text.WriteByte(':')
		if err := encoder.Encode(b.values[i]); err != nil {
			return nil, err
		}
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}
