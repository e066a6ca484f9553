package kernel

import "unsafe"

// Activation is what a product may do with its elements before it stores them.
type Activation int

// GELU and its tanh form are polynomials here: a division behind every tile would cost
// nearly half of what a product of bytes does.
const (
	NoActivation Activation = iota
	FastGELU                // x·Φ(x), with an error of at most 1.7e-4 + 1e-7·|x|
	FastGELUTanh            // its tanh form (GELUTanh), of at most 1.5e-4 + 1e-7·|x|
)

// A curve is max(x, −L)·(½ + y·P(y²)) with y = x clamped to ±L and P of degree 6, every
// product and sum rounded by itself. The table has P from its constant up, L, −L and ½.
// The coefficients are minimax fits of |x| times the error that reach ½ at L, so that
// the function is x or 0 beyond, but for rounding. They leave 1.67e-4 for L = 3.93 and
// 1.43e-4 for L = 3.85, which are about the best L.
const curveDegree = 6

var curves = [...][]lanes{
	FastGELU: splat(
		0.3980310727, -0.06478813365, 0.008874279672, -0.0008358382731, 5.028722961e-5, -1.719851254e-6, 2.522514396e-8,
		3.93, -3.93, 0.5),
	FastGELUTanh: splat(
		0.3980631306, -0.06511537571, 0.009069155651, -0.0008791242809, 5.488368812e-5, -1.955943717e-6, 2.994363673e-8,
		3.85, -3.85, 0.5),
}

// curve returns the table of an activation; nil: there is none.
func (a Activation) curve() *lanes {
	if a == NoActivation {
		return nil
	}
	return &curves[a][0]
}

// curveGo applies the activation of a tile.
func curveGo(t *int8Tile) {
	c := unsafe.Slice(t.curve, curveDegree+4)
	for r := range t.rows {
		row := unsafe.Slice(elem(t.y, r*t.ldy), t.panels*t.cols)
		for j, v := range row {
			row[j] = curveOf(c, v)
		}
	}
}

// curveOf returns a curve's value at x.
func curveOf(c []lanes, x float32) float32 {
	limit, lower, half := c[curveDegree+1][0], c[curveDegree+2][0], c[curveDegree+3][0]
	y := max(lower, min(x, limit))
	s := float32(y * y)
	p := c[curveDegree][0]
	for i := curveDegree - 1; i >= 0; i-- {
		p = float32(p*s) + c[i][0]
	}
	return max(x, lower) * (half + float32(y*p))
}
