package kernel

import (
	"math"
	"slices"
	"unsafe"
)

// The vector kernels are for float32, and AVX2 or AdvSIMD; elsewhere the twin in Go does
// the work.

// vector reports whether slices of T go to the vector kernels.
func vector[T Float]() bool { return single[T]() && level != scalar }

// single reports whether T is float32.
func single[T Float]() bool { return unsafe.Sizeof(T(0)) == 4 }

// f32 is where a slice that vector has vouched for begins.
func f32[T Float](x []T) *float32 { return (*float32)(unsafe.Pointer(unsafe.SliceData(x))) }

// lanes is one constant of a vector kernel, once for every lane.
type lanes [8]float32

func splat(values ...float32) []lanes {
	table := make([]lanes, len(values))
	for i, v := range values {
		for j := range table[i] {
			table[i][j] = v
		}
	}
	return table
}

// A rational function y·P(y²)/Q(y²) of degree 5 over 5, x clamped to ±limit first:
// P from its constant up, Q from its linear term up (its constant is 1), then limit,
// -limit, 1, ½ and 1/√(2π). The coefficients are least-squares fits, reweighted until
// the error is level; the error is that of the fit, before rounding.
const normalLimit = 5.4

var (
	// Φ(x) − ½, normal distribution: |x| times the error is at most 1.7e-8.
	normalTable = splat(
		0.3989420565, 0.0344853989, 0.004721939272, 0.0001761885538, 6.488973124e-6, 2.277706015e-8,
		0.2531063776, 0.02902393564, 0.001925068249, 7.648037128e-5, 1.20855811e-6,
		normalLimit, -normalLimit, 1, 0.5, 1/(math.Sqrt2*1.7724538509055160273))
	// tanh(x): the relative error is at most 2.1e-8; above 9 tanh is 1 in float32.
	tanhTable = splat(
		0.999999979, 0.1338095183, 0.003495502155, 2.06077432e-5, 1.335295506e-8, 0,
		0.4671426736, 0.02587665061, 0.0003285497415, 7.775828123e-7, 0,
		9, -9, 1)
	// tanhTable for GELU in its tanh form, with ½ and the coefficients of its u: the
	// linear one, the cubic one and three times that.
	geluTanhTable = append(slices.Clone(tanhTable), splat(0.5, linearTanh, cubicTanh, 3*cubicTanh)...)
)

// u(x) = linearTanh·x + cubicTanh·x³ of the tanh form of GELU: √(2/π)·(x + 0.044715·x³).
const (
	linearTanh = math.Sqrt2 / 1.7724538509055160273
	cubicTanh  = 0.044715 * linearTanh
)

// expTable is log₂e, ln 2 in two parts, the least argument whose exponential is not
// taken for 0, and a polynomial for eʳ, |r| ≤ ½·ln 2, from the sixth power down to the
// first and constant (1); its relative error is at most 3.1e-9.
var expTable = splat(
	math.Log2E, 0.693145751953125, 1.42860682030941723e-6, -87,
	0.001381454625, 0.008368777051, 0.04166839289, 0.1666652014, 0.4999999342, 1)
