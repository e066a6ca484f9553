package kernel

import (
	"math"
	"testing"
)

func testElementWise[T Float](t *testing.T) {
	x := grid[T](12, 4001)
	dy := normals[T](len(x), 5)
	geluOf := func(dst, x, _ []T) { GELU(dst, x) }
	gradOf := func(dst, x, y []T) { GELUGrad(dst, y, x) }
	formOf := func(dst, x, _ []T) { GELUTanh(dst, x) }
	slopeOf := func(dst, x, y []T) { GELUTanhGrad(dst, y, x) }
	tanhOf := func(dst, x, _ []T) { Tanh(dst, x) }
	geluWant := func(dst, x, _ []float64) { geluNaive(dst, x) }
	gradWant := func(dst, x, y []float64) { geluGradNaive(dst, y, x) }
	formWant := func(dst, x, _ []float64) { geluTanhNaive(dst, x) }
	slopeWant := func(dst, x, y []float64) { geluTanhGradNaive(dst, y, x) }
	tanhWant := func(dst, x, _ []float64) { tanhNaive(dst, x) }
	eachLevel(func() {
		checkUnary(t, "GELU", geluOf, geluWant, x, dy, tolerance[T](8e-7))
		checkUnary(t, "GELUGrad", gradOf, gradWant, x, dy, tolerance[T](8e-7))
		checkUnary(t, "GELUTanh", formOf, formWant, x, dy, tolerance[T](8e-7))
		checkUnary(t, "GELUTanhGrad", slopeOf, slopeWant, x, dy, tolerance[T](8e-6)) // 1 − t² loses digits, and dy is up to 4
		checkUnary(t, "Tanh", tanhOf, tanhWant, x, dy, tolerance[T](3e-7))
	})
}

func TestElementWise(t *testing.T) {
	testElementWise[float32](t)
	testElementWise[float64](t)
}

// Values of the closed forms by mpmath with 30 digits.
func TestGELUValues(t *testing.T) {
	for _, v := range geluValues {
		x, one, got := []float64{v.x}, []float64{1}, []float64{0}
		GELU(got, x)
		closeTo(t, "GELU", got, []float64{v.gelu}, 1e-15)
		GELUGrad(got, one, x)
		closeTo(t, "GELUGrad", got, []float64{v.slope}, 1e-15)
		GELUTanh(got, x)
		closeTo(t, "GELUTanh", got, []float64{v.form}, 1e-15)
		GELUTanhGrad(got, one, x)
		closeTo(t, "GELUTanhGrad", got, []float64{v.formSlope}, 1e-15)
		Tanh(got, x)
		closeTo(t, "Tanh", got, []float64{v.tanh}, 1e-15)
	}
}

// Far out the functions reach their limits and do not blow a rounding error up.
func TestElementWiseLimits(t *testing.T) {
	inf := float32(math.Inf(1))
	x := []float32{inf, -inf, 3e38, -3e38, 50, -50, 5.5, -5.5, 6}
	ones := []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}
	got := make([]float32, len(x))
	eachLevel(func() {
		GELU(got, x)
		closeTo(t, "GELU", got, []float64{float64(inf), 0, 3e38, 0, 50, 0, 5.5, 0, 6}, 8e-7)
		GELUGrad(got, ones, x)
		closeTo(t, "GELUGrad", got, []float64{1, 0, 1, 0, 1, 0, 1, 0, 1}, 1e-6)
		GELUTanh(got, x)
		closeTo(t, "GELUTanh", got, []float64{float64(inf), 0, 3e38, 0, 50, 0, 5.5, 0, 6}, 8e-7)
		GELUTanhGrad(got, ones, x)
		closeTo(t, "GELUTanhGrad", got, []float64{1, 0, 1, 0, 1, 0, 1, 0, 1}, 3e-6)
		Tanh(got, x)
		for i, v := range got {
			if v > 1 || v < -1 || x[i] > 9 && v != 1 || x[i] < -9 && v != -1 {
				t.Errorf("%v: tanh(%g) = %g", level, x[i], v)
			}
		}
	})
}

// Small arguments keep their digits: tanh(x) = x − x³/3, GELU(x) = x/2 + x²/√(2π).
func TestElementWiseSmall(t *testing.T) {
	eachLevel(func() {
		for _, x := range []float64{1e-3, -1e-5, 1e-10, -1e-20} {
			got := []float32{0}
			Tanh(got, []float32{float32(x)})
			closeTo(t, "Tanh", []float64{float64(got[0]) / x}, []float64{1 - x*x/3}, 2e-7)
			GELU(got, []float32{float32(x)})
			closeTo(t, "GELU", []float64{float64(got[0]) / x}, []float64{0.5 + x/math.Sqrt(2*math.Pi)}, 2e-7)
		}
	})
}

var geluValues = []struct{ x, gelu, slope, tanh, form, formSlope float64 }{
	{-4.25, -4.5426234543471287e-5, -0.0001921156795251866, -0.99959314604388959, -2.0142035844940149e-5, -0.00010528218415275171},
	{-1.5, -0.1002108019032871, -0.12746919222997953, -0.90514825364486644, -0.10042842301976708, -0.12771079315143308},
	{-0.3, -0.11462657334331421, 0.26767223317289014, -0.29131261245159091, -0.11462907645724075, 0.26770454836119818},
	{0.0625, 0.032807354314327951, 0.54980291007217763, 0.062418746747512514, 0.032807349306281458, 0.54980258999124791},
	{0.7, 0.53062544344384889, 0.97661410113365987, 0.6043677771171635, 0.53057013470511675, 0.97635721865610397},
	{2.0, 1.9544997361036416, 1.0852318010781969, 0.96402758007581688, 1.954597694087775, 1.0860992566236184},
	{3.75, 3.749668435180497, 1.0012338165236771, 0.9988944427261528, 3.7497807479275583, 1.0009513598386792},
}
