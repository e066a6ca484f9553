package predict

import (
	"context"
	"sync"
	"time"
)

// A Pass is how far networks are on their way over some examples.
type Pass struct {
	Done, Of int // examples, or the windows of their texts
	Began    time.Time
}

// Watch is a context whose passes over examples (InBatches, and so Run) tell see after each
// batch how far they are, one batch after another.
func Watch(ctx context.Context, see func(Pass)) context.Context {
	return context.WithValue(ctx, watched{}, see)
}

// watched is the key of who watches.
type watched struct{}

// watching counts what is done of n, and tells who watches.
func watching(ctx context.Context, n int) (done func(more int)) {
	see, ok := ctx.Value(watched{}).(func(Pass))
	if !ok {
		return func(int) {}
	}
	var mutex sync.Mutex
	pass := Pass{Of: n, Began: time.Now()}
	return func(more int) {
		mutex.Lock()
		defer mutex.Unlock()
		pass.Done += more
		see(pass)
	}
}
