package kernel

import "math"

// GELUTanh is the Gaussian error linear unit in its tanh form (Hendrycks and Gimpel
// 2016, arXiv 1606.08415; "gelu_new" of transformers):
//
//	dst = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
//
// dst may alias x. In float32 it is correct to 8e-7·max(1, |x|).
func GELUTanh[T Float](dst, x []T) {
	dst = dst[:len(x)]
	if vector[T]() {
		geluTanhSIMD(f32(dst), f32(x), len(x), &geluTanhTable[0])
		return
	}
	geluTanhNaive(dst, x)
}

// GELUTanhGrad is the gradient of GELUTanh, dx = dy·(1 + t + x·u'(x)·(1 − t²))/2 with
// t = tanh(u(x)). dx may alias dy. In float32 it is correct to 2e-6·|dy|.
func GELUTanhGrad[T Float](dx, dy, x []T) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	if vector[T]() {
		geluTanhGradSIMD(f32(dx), f32(dy), f32(x), len(x), &geluTanhTable[0])
		return
	}
	geluTanhGradNaive(dx, dy, x)
}

// Beyond ±tanhLimit the tanh form is x or 0 in every precision, and no power of x
// must meet that 0 as infinity.
const tanhLimit = 12

func geluTanhNaive[T Float](dst, x []T) {
	for i, v := range x {
		y := max(float64(v), -tanhLimit)
		dst[i] = T(y / 2 * (1 + math.Tanh(y*(linearTanh+cubicTanh*y*y))))
	}
}

func geluTanhGradNaive[T Float](dx, dy, x []T) {
	for i, v := range x {
		y := max(-tanhLimit, min(float64(v), tanhLimit))
		t := math.Tanh(y * (linearTanh + cubicTanh*y*y))
		dx[i] = dy[i] * T((1+t+y*(linearTanh+3*cubicTanh*y*y)*(1-t*t))/2)
	}
}
