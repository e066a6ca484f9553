package infer

import (
	"cmp"
	"context"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/powerbert/powerbert/data"
)

// A Stream predicts texts as they come, on all cores, and hands the predictions
// over in the order of the texts. It holds a few batches per core and no more,
// however long the stream.
//
// A batch is full when one more text would take it above Tokens, so the same
// texts fall into the same batches every time. Only where the texts stop coming
// for a while does what is there go ahead: a slow pipe gets its answers, too.
type Stream struct {
	Model  *Model
	Tokens int  // of a batch; a longer text is a batch of its own
	Trace  bool // follow the word-vectors, which takes a pass for each text
	// Explain examples of Model.EncodeWords, which takes a pass for each of their words.
	Explain bool

	Patience time.Duration // that a batch has with texts that do not come; 0: DefaultPatience
}

// DefaultPatience is what someone at a terminal has, and longer than a file takes.
const DefaultPatience = 200 * time.Millisecond

// A job is a batch on its way.
type job struct {
	examples []data.Encoded
	traces   []Trace
	err      error
	done     chan struct{}
}

// Run takes texts from next until it reports io.EOF, and hands emit the predictions
// of a batch at a time; pieces are traced only if s.Trace. When next reports another
// error, Run emits what comes before and returns it. It returns the errors of emit
// and of ctx at once; a call of next may then still be under way.
func (s Stream) Run(ctx context.Context, next func() (data.Encoded, error), emit func([]Trace) error) error {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	texts, jobs, order := make(chan data.Encoded), make(chan *job), make(chan *job, workers)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()

	var ended error // of next; set before texts is closed
	go func() {
		defer close(texts)
		ended = read(ctx, next, texts)
	}()
	wait.Go(func() {
		defer close(order)
		defer close(jobs)
		s.batch(ctx, texts, func(examples []data.Encoded) {
			j := &job{examples: examples, done: make(chan struct{})}
			_ = send(ctx, order, j) && send(ctx, jobs, j)
		})
	})
	for range workers {
		wait.Go(func() {
			for j := range jobs {
				j.traces, j.err = s.predict(ctx, j.examples)
				close(j.done)
			}
		})
	}
	for j := range order {
		select {
		case <-j.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if j.err != nil {
			return j.err
		}
		if err := emit(j.traces); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return ended
}

// read passes texts on until their end, whose error it returns.
func read(ctx context.Context, next func() (data.Encoded, error), texts chan<- data.Encoded) error {
	for {
		e, err := next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !send(ctx, texts, e) {
			return ctx.Err()
		}
	}
}

// send sends unless ctx ends first.
func send[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// batch gathers texts and hands them over.
func (s Stream) batch(ctx context.Context, texts <-chan data.Encoded, hand func([]data.Encoded)) {
	var batch []data.Encoded
	tokens := 0
	flush := func() {
		if len(batch) > 0 {
			hand(batch)
		}
		batch, tokens = nil, 0
	}
	for {
		select {
		case e, more := <-texts:
			if !more {
				flush()
				return
			}
			if tokens+e.Tokens() > s.Tokens {
				flush()
			}
			batch, tokens = append(batch, e), tokens+e.Tokens()
		case <-time.After(cmp.Or(s.Patience, DefaultPatience)):
			flush()
		case <-ctx.Done():
			return
		}
	}
}

// predict runs a batch, text by text where each is traced or explained.
func (s Stream) predict(ctx context.Context, examples []data.Encoded) ([]Trace, error) {
	traces := make([]Trace, len(examples))
	if !s.Trace && !s.Explain {
		p, err := s.Model.Run(ctx, examples, 0, 1)
		if err != nil {
			return nil, err
		}
		for i := range traces {
			traces[i].Prediction = p.Predictions[i]
		}
		return traces, nil
	}
	for i, e := range examples {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t, err := s.look(ctx, e)
		if err != nil {
			return nil, err
		}
		traces[i] = *t
	}
	return traces, nil
}

// look traces an example, or explains it, or both.
func (s Stream) look(ctx context.Context, e data.Encoded) (t *Trace, err error) {
	if s.Trace {
		if t, err = s.Model.TraceEncoded(e); err != nil || !s.Explain {
			return t, err
		}
	}
	x, err := s.Model.Explain(ctx, e)
	if err == nil && s.Trace {
		t.Explained = x.Explained
		return t, nil
	}
	return x, err
}
