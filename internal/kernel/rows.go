package kernel

// ColSums sums the rows of a matrix, the gradient of a bias: dst = Σ_i x[i,:].
//
// Shapes: dst (cols), x (rows, cols). dst is overwritten and must not overlap x.
func ColSums[T Float](dst, x []T, rows, cols int) {
	clear(dst[:cols])
	for i := range rows {
		Add(dst[:cols], x[i*cols:(i+1)*cols])
	}
}

// Add is dst += x, element by element over the length of x.
func Add[T Float](dst, x []T) {
	dst = dst[:len(x)]
	if vector[T]() {
		addSIMD(f32(dst), f32(x), len(x))
		return
	}
	addNaive(dst, x)
}

// Sum is dst = a + b, element by element over the length of dst, which may be a or b.
func Sum[T Float](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	if vector[T]() {
		sumToSIMD(f32(dst), f32(a), f32(b), len(dst))
		return
	}
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

// Times is dst = a·b, element by element over the length of dst, which may be a or b.
func Times[T Float](dst, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	if vector[T]() {
		timesToSIMD(f32(dst), f32(a), f32(b), len(dst))
		return
	}
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

// Scale is dst = s·x, element by element over the length of x, which may be dst.
func Scale[T Float](dst, x []T, s T) {
	dst = dst[:len(x)]
	if vector[T]() {
		scaleSIMD(f32(dst), f32(x), len(x), float32(s))
		return
	}
	scaleNaive(dst, x, s)
}

func addNaive[T Float](dst, x []T) {
	for j, v := range x {
		dst[j] += v
	}
}

func scaleNaive[T Float](dst, x []T, s T) {
	for j, v := range x {
		dst[j] = s * v
	}
}
