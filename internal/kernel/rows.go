package kernel

// AddBias adds one vector to every row: x[i,:] += bias.
//
// Shapes: x (rows, cols), bias (cols).
func AddBias[T Float](x []T, rows, cols int, bias []T) { addBiasNaive(x, rows, cols, bias) }

// ColSums sums the rows of a matrix, the gradient of AddBias: dst = Σ_i x[i,:].
//
// Shapes: dst (cols), x (rows, cols). dst is overwritten and must not overlap x.
func ColSums[T Float](dst, x []T, rows, cols int) { colSumsNaive(dst, x, rows, cols) }

// Add is dst += x, element by element over the length of x.
func Add[T Float](dst, x []T) { addNaive(dst, x) }

// Scale is x *= s, element by element.
func Scale[T Float](x []T, s T) { scaleNaive(x, s) }

func addBiasNaive[T Float](x []T, rows, cols int, bias []T) {
	for i := range rows {
		addNaive(x[i*cols:(i+1)*cols], bias[:cols])
	}
}

func colSumsNaive[T Float](dst, x []T, rows, cols int) {
	clear(dst[:cols])
	for i := range rows {
		addNaive(dst[:cols], x[i*cols:(i+1)*cols])
	}
}

func addNaive[T Float](dst, x []T) {
	for j, v := range x {
		dst[j] += v
	}
}

func scaleNaive[T Float](x []T, s T) {
	for j := range x {
		x[j] *= s
	}
}
