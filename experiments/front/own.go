package main

import (
	"context"
	"io"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/infer"
)

// streamed is the tokens of a batch where all texts are answered, `train predict`'s own.
const streamed = 2048

// ask has a model answer the texts, tokenising them on the way.
func (f *field) ask(ctx context.Context, m *infer.Model, together bool) (float64, [][]float32, error) {
	begin := time.Now()
	var said []infer.Prediction
	var err error
	if together {
		said, err = f.stream(ctx, m)
	} else {
		said, err = f.singly(m)
	}
	seconds := time.Since(begin).Seconds()
	logits := make([][]float32, len(said))
	for i := range said {
		logits[i] = said[i].Logits
	}
	return seconds, logits, err
}

// singly answers one text after the other.
func (f *field) singly(m *infer.Model) (said []infer.Prediction, err error) {
	for i := range f.dev.Examples {
		p, err := m.Predict([]data.Encoded{m.Encode(f.dev.Examples[i], f.dev.Paired)})
		if err != nil {
			return nil, err
		}
		said = append(said, p...)
	}
	return said, nil
}

// stream answers them as `train predict` does, in file order, on all cores.
func (f *field) stream(ctx context.Context, m *infer.Model) (said []infer.Prediction, err error) {
	at := 0
	next := func() (data.Encoded, error) {
		if at == len(f.dev.Examples) {
			return data.Encoded{}, io.EOF
		}
		at++
		return m.Encode(f.dev.Examples[at-1], f.dev.Paired), nil
	}
	err = infer.Stream{Model: m, Tokens: streamed}.Run(ctx, next, func(list []infer.Trace) error {
		for i := range list {
			said = append(said, list[i].Prediction)
		}
		return nil
	})
	return said, err
}

// count has a bag answer the texts, on one core.
func (f *field) count(bag *report.Bag) (float64, [][]float32, error) {
	begin := time.Now()
	logits := make([][]float32, len(f.dev.Examples))
	for i := range f.dev.Examples {
		logits[i] = bag.Logits(f.run.Dense.Encode(f.dev.Examples[i], f.dev.Paired))
	}
	return time.Since(begin).Seconds(), logits, nil
}
