package kernel

// Gather copies the rows of x that index names: dst[i,:] = x[index[i],:].
// Shapes: x (·, cols), dst (len(index), cols).
func Gather[T Float](dst, x []T, cols int, index []int32) {
	for i, r := range index {
		copy(dst[i*cols:(i+1)*cols], x[int(r)*cols:(int(r)+1)*cols])
	}
}

// ScatterAdd is the gradient of Gather: dst[index[i],:] += x[i,:].
func ScatterAdd[T Float](dst, x []T, cols int, index []int32) {
	for i, r := range index {
		Add(dst[int(r)*cols:(int(r)+1)*cols], x[i*cols:(i+1)*cols])
	}
}

// Dot is Σ_i a[i]·b[i] over the length of a.
func Dot[T Float](a, b []T) T {
	b = b[:len(a)]
	if vector[T]() {
		return T(dotSIMD(f32(a), f32(b), len(a)))
	}
	return dotNaive(a, b)
}

func dotNaive[T Float](a, b []T) (sum T) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// Largest is where x is largest, at the first of equals.
func Largest[T Float](x []T) int {
	at := 0
	for i, v := range x {
		if v > x[at] {
			at = i
		}
	}
	return at
}

// NotFinite reports whether x holds NaN or infinity.
func NotFinite[T Float](x []T) bool {
	for _, v := range x {
		if v-v != 0 {
			return true
		}
	}
	return false
}
