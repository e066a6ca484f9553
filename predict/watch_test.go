package predict

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

// Who watches is told of each batch, whoever computed it, and how many examples are done by
// then; of a batch that failed, nothing.
func TestWatch(t *testing.T) {
	began := time.Now()
	var seen []Pass
	ctx := Watch(t.Context(), func(p Pass) { seen = append(seen, p) })
	var calls atomic.Int64
	if err := InBatches(ctx, 3, 10, 4, func(_, from, to int) error { calls.Add(int64(to - from)); return nil }); err != nil || calls.Load() != 10 {
		t.Fatalf("%d examples, want 10 (%v)", calls.Load(), err)
	}
	if len(seen) != 3 {
		t.Fatalf("told %d times, want 3", len(seen))
	}
	for i, p := range seen {
		if p.Of != 10 || p.Began.Before(began) || p.Began != seen[0].Began || i > 0 && p.Done <= seen[i-1].Done {
			t.Errorf("told %d: %+v", i, p)
		}
	}
	if last := seen[2].Done; last != 10 {
		t.Errorf("%d are done in the end, want 10", last)
	}
	seen = nil
	failed := errors.New("failed")
	if err := InBatches(ctx, 1, 10, 4, func(_, from, _ int) error {
		if from > 0 {
			return failed
		}
		return nil
	}); err != failed || len(seen) != 1 {
		t.Errorf("told %d times beside %v, want once", len(seen), err)
	}
	if err := InBatches(context.Background(), 1, 3, 1, func(_, _, _ int) error { return nil }); err != nil {
		t.Error(err)
	}
}
