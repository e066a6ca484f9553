package kernel

import "unsafe"

// Make is make([]T, n) for long-lived memory: where it is large it lies on large
// pages, if the system has them to give. Streaming the weights of a BERT-base through
// a core is a fifth faster then.
func Make[T Float](n int) []T {
	x := make([]T, n)
	if size := n * int(unsafe.Sizeof(T(0))); size >= 2*hugePage {
		advise(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), size))
	}
	return x
}

const hugePage = 2 << 20

// Room is n elements of any content: those of a buffer, which a larger one takes the place of
// where it must (Grown).
func Room[E any](buffer []E, n int) []E {
	if n > cap(buffer) {
		buffer = make([]E, Grown(cap(buffer), n))
	}
	return buffer[:n]
}

// Grown is how many elements a buffer of held has once it must hold n: as many as it
// had, if that is enough; n the first time, since batches of one size never need more;
// after that n and a quarter to spare, so that it seldom grows again.
func Grown(held, n int) int {
	switch {
	case n <= held:
		return held
	case held == 0:
		return n
	}
	return n + n/4
}
