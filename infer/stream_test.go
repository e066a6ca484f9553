package infer

import (
	"context"
	"errors"
	"io"
	"math"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/problem"
)

// from yields the examples, and then err.
func from(examples []data.Encoded, err error) func() (data.Encoded, error) {
	return func() (data.Encoded, error) {
		if len(examples) == 0 {
			return data.Encoded{}, err
		}
		e := examples[0]
		examples = examples[1:]
		return e, nil
	}
}

// collect appends what is emitted to a list, and counts how often.
func collect(list *[]Trace, batches *int) func([]Trace) error {
	return func(traces []Trace) error {
		*list, *batches = append(*list, traces...), *batches+1
		return nil
	}
}

func TestStreamSaysWhatPredictSays(t *testing.T) {
	m := tiny(t, &absolute)
	examples, _ := encoded(m, 101)
	want, err := m.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	for _, tokens := range []int{1, 50, 333, 1 << 20} {
		for _, trace := range []bool{false, true} {
			var got []Trace
			batches := 0
			s := Stream{Model: m, Tokens: tokens, Trace: trace, Patience: time.Hour}
			if err := s.Run(t.Context(), from(examples, io.EOF), collect(&got, &batches)); err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want) {
				t.Fatalf("batches of %d tokens: %d predictions, want %d", tokens, len(got), len(want))
			}
			for i, p := range got {
				if !near(p.Prediction, want[i]) || trace != (len(p.Pieces) == len(examples[i].IDs)) {
					t.Errorf("batches of %d tokens, text %d: %+v, want %+v", tokens, i, p, want[i])
				}
			}
			if want := count(examples, tokens); batches != want {
				t.Errorf("%d batches of %d tokens, want %d", batches, tokens, want)
			}
		}
	}
	for i, p := range want {
		if q := problem.Softmax(p.Logits); !reflect.DeepEqual(q, p.Probabilities) || math.IsNaN(q[0]) {
			t.Errorf("text %d: the logits %v do not make the probabilities %v", i, p.Logits, p.Probabilities)
		}
	}
}

// count is how many batches of so many tokens the examples make.
func count(examples []data.Encoded, tokens int) int {
	batches, sum := 0, math.MaxInt/2
	for _, e := range examples {
		if sum += len(e.IDs); sum > tokens {
			batches, sum = batches+1, len(e.IDs)
		}
	}
	return batches
}

// However long the stream, only so many texts are on their way.
func TestStreamHoldsFewTexts(t *testing.T) {
	m := tiny(t, nil)
	examples, _ := encoded(m, 1)
	const stream = 3000
	var read, written atomic.Int64
	next := func() (data.Encoded, error) {
		n := read.Add(1)
		if n > stream {
			return data.Encoded{}, io.EOF
		}
		if on := n - written.Load(); on > 400 {
			t.Errorf("%d texts are on their way", on)
		}
		return examples[0], nil
	}
	emit := func(traces []Trace) error { written.Add(int64(len(traces))); return nil }
	if err := (Stream{Model: m, Tokens: 40}).Run(t.Context(), next, emit); err != nil {
		t.Fatal(err)
	}
	if written.Load() != stream {
		t.Errorf("%d predictions of %d texts", written.Load(), stream)
	}
}

// The end of a stream by an error comes after what was before it.
func TestStreamEmitsWhatComesBeforeAnError(t *testing.T) {
	m := tiny(t, nil)
	examples, _ := encoded(m, 9)
	broken := errors.New("broken")
	var got []Trace
	batches := 0
	if err := (Stream{Model: m, Tokens: 60}).Run(t.Context(), from(examples, broken), collect(&got, &batches)); err != broken || len(got) != 9 {
		t.Errorf("%d predictions and %v, want 9 and the error", len(got), err)
	}
	full := errors.New("full")
	err := Stream{Model: m, Tokens: 60}.Run(t.Context(), from(examples, io.EOF), func([]Trace) error { return full })
	if err != full {
		t.Errorf("an error of emit comes back as %v", err)
	}
	odd := data.Encoded{IDs: []int32{2, 1 << 20, 3}, Types: []int32{0, 0, 0}}
	if err := (Stream{Model: m, Tokens: 60}).Run(t.Context(), from([]data.Encoded{odd}, io.EOF), collect(&got, &batches)); err == nil {
		t.Error("a token beyond the vocabulary gives no error")
	}
}

// A pipe that stays open gets its answers; the end of the context ends it.
func TestStreamAnswersAnOpenPipe(t *testing.T) {
	m := tiny(t, nil)
	examples, _ := encoded(m, 2)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pipe := make(chan data.Encoded, 2)
	pipe <- examples[0]
	pipe <- examples[1]
	next := func() (data.Encoded, error) { return <-pipe, nil }
	seen := 0
	err := Stream{Model: m, Tokens: 1 << 20}.Run(ctx, next, func(traces []Trace) error {
		if seen += len(traces); seen == 2 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen != 2 {
		t.Errorf("%d answers and %v, want 2 before the pipe ends", seen, err)
	}
}
