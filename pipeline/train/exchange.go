package train

import (
	"slices"

	"github.com/powerbert/powerbert/internal/ranks"
)

// An exchange sums the gradients of each step over all ranks in place, bucket by bucket, while
// the backward pass computes those of earlier encoders. It goes from the end of the
// gradients to their beginning, in the same buckets on all ranks: so these call the same
// operations in the same order, whatever is ready first. The words come last.
type exchange struct {
	peers  ranks.Peers
	grad   []float32
	bucket int
	words  *words // nil: they are as the rest
	floor  int    // where the rest begins
	begun  int    // sums of grad[begun:] have begun
	ends   []func() error
}

// newExchange prepares to sum gradients, which begin at from.
func newExchange(p ranks.Peers, grad []float32, from int, w *words, bucket int) *exchange {
	e := &exchange{peers: p, grad: grad, bucket: bucket, words: w, floor: from}
	if w != nil {
		e.floor = w.to
	}
	return e
}

// begin begins a step.
func (e *exchange) begin() { e.begun, e.ends = len(e.grad), e.ends[:0] }

// ready begins the sums of the buckets that are whole, now that this rank's part of
// grad[from:] is.
func (e *exchange) ready(from int) {
	for e.begun > e.floor {
		next := max(e.begun-e.bucket, e.floor)
		if next < from {
			return
		}
		e.add(e.grad[next:e.begun])
		e.begun = next
	}
	if e.words != nil && from <= e.words.from {
		for some := range slices.Chunk(e.words.take(e.grad), e.bucket) {
			e.add(some)
		}
	}
}

func (e *exchange) add(x []float32) { e.ends = append(e.ends, e.peers.BeginAllReduce(x)) }

// finish sums r's gradients and then the parts of the task loss, too, and returns when all
// sums are there: the task loss.
func (e *exchange) finish(r []float32, part float64) (task float64, err error) {
	e.add(r)
	for _, end := range e.ends {
		if err := end(); err != nil {
			return 0, err
		}
	}
	if e.words != nil {
		e.words.put(e.grad)
	}
	sum := []float64{part}
	err = e.peers.AllReduce64(sum)
	return sum[0], err
}
