package pipeline

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/hub"
)

// task is an experiment's data, ready for the network.
type task struct {
	tok        tokenizer.Tokenizer
	labels     []string
	train, dev []data.Encoded
	maxLength  int // of their tokens
	padTo      int // rows per sequence; 0: as many as it has tokens
}

// Source is where an experiment's examples are.
func Source(e *configs.Experiment) data.Source {
	d := e.Data
	return data.Source{Task: d.Task, Dir: d.Dir, Train: d.Train, Dev: d.Dev, Format: d.Format, Text: d.Text, Label: d.Label,
		Labels: d.Labels, SkipMalformed: d.OnMalformed == configs.SkipMalformed,
		Demo: data.DemoSize{Train: d.Demo.Train, Dev: d.Demo.Dev, Seed: uint64(e.Seed)}}
}

// Tokenizer is the tokenizer of an experiment: tokenizer.vocab, else the
// model's, else the demo task's own. What is no file or directory here comes from
// the hub.
func Tokenizer(ctx context.Context, e *configs.Experiment, h *hub.Client) (tokenizer.Tokenizer, error) {
	if from := cmp.Or(e.Tokenizer.Vocab, e.Model); from != "" {
		path, err := h.Dir(ctx, from, hub.Tokenizer)
		if err != nil {
			return nil, err
		}
		return tokenizer.LoadAs(path, tokenizer.Options{Cased: !e.Tokenizer.Lowercase})
	}
	if e.Data.Task == data.TaskDemo {
		return tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	}
	return nil, configError(e, "tokenizer.vocab", "tokenizer.vocab is empty and so is model, want a vocab.txt, a tokenizer.json, a spiece.model or a folder with one")
}

// configError is the error of a key whose fault shows only beside the data.
func configError(e *configs.Experiment, key, text string) error {
	return &configs.Error{Problems: []configs.Problem{{Source: e.Name, Key: key, Text: text}}}
}

// loadTask reads and encodes an experiment's data.
func loadTask(ctx context.Context, e *configs.Experiment, o Options) (*task, error) {
	if e.Data.Task == "" {
		return nil, configError(e, "data.task", "data.task is missing: the experiment only pretrains")
	}
	tok, err := Tokenizer(ctx, e, o.Hub)
	if err != nil {
		return nil, err
	}
	train, dev, err := data.Load(Source(e))
	if err != nil {
		return nil, err
	}
	if n := len(train.Labels); n > 2 && e.Data.Metric == "f1" {
		return nil, configError(e, "data.metric", fmt.Sprintf("data.metric is f1, which is of the second of two labels, but there are %d; want macro_f1, accuracy or matthews", n))
	}
	for _, set := range []*data.Set{train, dev} {
		if n := len(set.Skipped); n > 0 {
			o.Log.Warn("skipped malformed rows", "file", set.Path, "rows", n, "first", set.Skipped[0])
		}
	}
	t := &task{tok: tok, labels: train.Labels, maxLength: e.Data.MaxLength,
		train: data.Encode(train, tok, e.Data.MaxLength), dev: data.Encode(dev, tok, e.Data.MaxLength)}
	if e.Data.Pad {
		t.padTo = e.Data.MaxLength
	}
	return t, nil
}

// digest tells data apart: it is a function of every example, in order.
func (t *task) digest() string {
	h := fnv.New64a()
	for _, set := range [][]data.Encoded{t.train, t.dev} {
		fmt.Fprintln(h, len(set))
		for _, e := range set {
			binary.Write(h, binary.LittleEndian, e.IDs)
			fmt.Fprintln(h, e.Label)
		}
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// devFor is the dev set, or as much of it as a dry run of so many steps looks at.
func (t *task) devFor(maxSteps int) []data.Encoded {
	if maxSteps == 0 {
		return t.dev
	}
	return t.dev[:min(len(t.dev), maxSteps*evalBatch)]
}
