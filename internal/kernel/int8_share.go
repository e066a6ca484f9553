package kernel

// shareFrom is the multiply-adds from which on cores share a product: some tens of
// microseconds of one.
const shareFrom = 1 << 22

// readRows is how many rows are multiplied in the time that the weights take to come
// from memory: fewer do not take less.
const readRows = 8

// share runs f(0) … f(n−1), size multiply-adds in all, by each where that is worth it.
func share(each func(n int, f func(i int)), n, size int, f func(i int)) {
	if each != nil && size >= shareFrom {
		each(n, f)
		return
	}
	for i := range n {
		f(i)
	}
}
