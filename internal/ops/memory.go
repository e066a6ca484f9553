package ops

import "github.com/powerbert/powerbert/internal/kernel"

// buffer is memory that outlives a run, so that a steady run allocates none.
type buffer[T kernel.Float] []T

// mat returns a matrix of the wanted size over the buffer, which grows when it
// must; its contents are whatever was there before.
func (b *buffer[T]) mat(rows, cols int) Mat[T] {
	n := rows * cols
	if n > cap(*b) {
		*b = kernel.Make[T](kernel.Grown(cap(*b), n))
	}
	return Mat[T]{rows, cols, (*b)[:n]}
}

// zeroed is mat with every element 0.
func (b *buffer[T]) zeroed(rows, cols int) Mat[T] {
	m := b.mat(rows, cols)
	clear(m.Data)
	return m
}

// Memory is what an op computes in: the buffer of its result, and work that it
// needs no longer than the call. Plan lets the ops of a graph share both.
type Memory[T kernel.Float] struct {
	out  *buffer[T]
	work *work[T]
}

func newMemory[T kernel.Float]() Memory[T] { return Memory[T]{new(buffer[T]), new(work[T])} }

// Mat is the op's result, to be filled.
func (m *Memory[T]) Mat(rows, cols int) Mat[T] { return m.out.mat(rows, cols) }

// Zeroed is Mat with every element 0.
func (m *Memory[T]) Zeroed(rows, cols int) Mat[T] { return m.out.zeroed(rows, cols) }

// Take is memory for n elements, of any content, until the op returns.
func (m *Memory[T]) Take(n int) []T { return m.work.take(n) }

// work is memory that ops take from, piece by piece, and give back all at once
// when they return.
type work[T kernel.Float] struct {
	chunk  []T
	used   int         // of the chunk
	wanted int         // by the op at hand; the chunk grows to it when the op is done
	help   kernel.Each // of cores that nothing else runs on; nil: none
}

// take is memory for n elements, of any content, until the op returns.
func (w *work[T]) take(n int) []T {
	w.wanted += n
	if w.used+n > len(w.chunk) {
		return make([]T, n)
	}
	w.used += n
	return w.chunk[w.used-n : w.used : w.used]
}

// done gives everything back.
func (w *work[T]) done() {
	if w.wanted > len(w.chunk) {
		w.chunk = make([]T, w.wanted)
	}
	w.used, w.wanted = 0, 0
}

// rows runs f over pieces of the rows between 0 and n, of about pieceSize elements: at
// once, as far as there is help.
func (w *work[T]) rows(n, cols int, f func(from, to int)) {
	step := max(1, pieceSize/cols)
	if w.help == nil || n <= step {
		f(0, n)
		return
	}
	w.help((n+step-1)/step, func(i int) { f(i*step, min((i+1)*step, n)) })
}

// pieceSize is worth calling another core in for.
const pieceSize = 1 << 13
