package kernel

import "math"

// GELU is the Gaussian error linear unit in its exact form:
//
//	dst = x·Φ(x) = x/2·(1 + erf(x/√2))
//
// dst may alias x. In float32 it is correct to 8e-7·max(1, |x|); that of -Inf is 0 but
// for that error.
func GELU[T Float](dst, x []T) {
	dst = dst[:len(x)]
	switch {
	case vector[T]():
		geluSIMD(f32(dst), f32(x), len(x), &normalTable[0])
	case single[T]():
		geluScalar(dst, x)
	default:
		geluNaive(dst, x)
	}
}

// GELUGrad is the gradient of GELU: dx = dy·(Φ(x) + x·φ(x)), φ the normal density.
//
// dx may alias dy.
func GELUGrad[T Float](dx, dy, x []T) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	switch {
	case vector[T]():
		geluGradSIMD(f32(dx), f32(dy), f32(x), len(x), &normalTable[0], &expTable[0])
	case single[T]():
		geluGradScalar(dx, dy, x)
	default:
		geluGradNaive(dx, dy, x)
	}
}

// Tanh is dst = tanh(x). dst may alias x.
func Tanh[T Float](dst, x []T) {
	dst = dst[:len(x)]
	if vector[T]() {
		tanhSIMD(f32(dst), f32(x), len(x), &tanhTable[0])
		return
	}
	tanhNaive(dst, x)
}

// TanhGrad is the gradient of Tanh: dx = dy·(1 − tanh²(x)).
//
// dx may alias dy, but not x.
func TanhGrad[T Float](dx, dy, x []T) {
	for i, v := range x {
		t := T(math.Tanh(float64(v)))
		dx[i] = dy[i] * (1 - t*t)
	}
}

func geluNaive[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(float64(v) * normalCDF(float64(v)))
	}
}

func geluGradNaive[T Float](dx, dy, x []T) {
	for i, v := range x {
		dx[i] = dy[i] * T(normalCDF(float64(v))+float64(v)*normalPDF(float64(v)))
	}
}

// normalCDF is Φ, through erfc so that the left tail keeps its digits.
func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func normalPDF(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

func tanhNaive[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(math.Tanh(float64(v)))
	}
}

// geluScalar is the arithmetic of the vector kernel, several times as fast as erfc.
func geluScalar[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = max(v, -normalLimit) * T(0.5+normalRational(float32(v)))
	}
}

func geluGradScalar[T Float](dx, dy, x []T) {
	for i, v := range x {
		tail := float64(max(-normalLimit, min(v, normalLimit))) * normalPDF(float64(v))
		dx[i] = dy[i] * T(0.5+normalRational(float32(v))+float32(tail))
	}
}

// normalRational is Φ(x) − ½ by normalTable.
func normalRational(x float32) float32 {
	c := func(i int) float32 { return normalTable[i][0] }
	y := max(-normalLimit, min(x, normalLimit))
	s := y * y
	p := c(0) + s*(c(1)+s*(c(2)+s*(c(3)+s*(c(4)+s*c(5)))))
	q := 1 + s*(c(6)+s*(c(7)+s*(c(8)+s*(c(9)+s*c(10)))))
	return y * p / q
}
