package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
)

// A predicting is texts on their way through a model into an output. What a row keeps
// waits for its prediction: a Stream keeps the order, so the first that went in is the
// first to come out, and few are on their way.
type predicting struct {
	model *infer.Model
	texts *data.TextRows
	out   *output
	shape rowShape
	show  *rowProgress

	rows  int // in the output
	below int // of them, written now, whose label is less probable than is wanted

	mutex   sync.Mutex
	waiting []origin // of the rows on their way
	blank   int      // texts of blanks alone, or of nothing
}

// An origin is what a row takes over from where it comes from.
type origin struct {
	file string // "": there is one
	line int    // of its file
	kept []string
}

// skip passes over the texts whose rows are in the output already.
func (p *predicting) skip(ctx context.Context) error {
	for p.rows < p.out.resumed {
		switch _, err := p.texts.Next(); {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == io.EOF:
			return usagef("predict", "%s has %d rows, but only %d texts come: it is not of these", p.out.path, p.out.resumed, p.rows)
		case err != nil:
			return err
		}
		p.rows++
	}
	return nil
}

// next is the next text as the model reads it.
func (p *predicting) next() (data.Encoded, error) {
	e, err := p.texts.Next()
	if err != nil {
		return data.Encoded{}, err
	}
	p.mutex.Lock()
	p.waiting = append(p.waiting, origin{p.texts.File(), e.Line, e.Kept})
	if strings.TrimSpace(e.Text+e.Pair) == "" {
		p.blank++
	}
	p.mutex.Unlock()
	if p.shape.explain {
		return p.model.EncodeWords(e, p.texts.Paired), nil
	}
	return p.model.Encode(e, p.texts.Paired), nil
}

// origins takes those of the next n rows out of those that wait.
func (p *predicting) origins(n int) []origin {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	first := p.waiting[:n:n]
	p.waiting = append([]origin(nil), p.waiting[n:]...)
	return first
}

// write writes the predictions of a batch, whole or not at all.
func (p *predicting) write(traces []infer.Trace) error {
	var rows []fields
	for i, from := range p.origins(len(traces)) {
		if p.shape.below(traces[i].Prediction) {
			p.below++
		}
		rows = append(rows, p.out.row(&p.shape, from, traces[i]))
	}
	var disk *fs.PathError
	err := p.out.write(rows)
	switch {
	case errors.As(err, &disk):
		return fmt.Errorf("%w after the predictions of %d texts%s", err, p.rows, p.out.goOn())
	case err != nil:
		return err
	}
	p.rows += len(rows)
	p.show.at(p.rows)
	return nil
}
