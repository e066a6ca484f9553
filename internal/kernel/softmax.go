package kernel

// Softmax turns each row of x, in place, into softmax(scale·x) over its first valid
// columns and sets the rest to 0: keys that are padding get no probability.
//
// Shapes: x (rows, cols) with ld elements from row to row; 0 ≤ valid ≤ cols. The row
// maximum is subtracted first, so large logits do not overflow. A row that holds NaN
// or +Inf becomes NaN; -Inf gets probability 0 (a row of nothing else is NaN).
func Softmax[T Float](x []T, rows, cols, ld int, scale T, valid int) {
	for i := range rows {
		row := x[i*ld : i*ld+cols]
		clear(row[valid:])
		softmaxRow(row[:valid], scale)
	}
}

// SoftmaxGrad is the gradient of Softmax with respect to its input, from its output:
//
//	dx = scale · p ∘ (dp − Σ_k p_k·dp_k)        per row
//
// Shapes: dx, p, dp (rows, cols). dx may alias dp.
func SoftmaxGrad[T Float](dx, p, dp []T, rows, cols int, scale T) {
	for i := range rows {
		at, end := i*cols, (i+1)*cols
		softmaxGradRow(dx[at:end], p[at:end], dp[at:end], scale)
	}
}

func softmaxRow[T Float](x []T, scale T) {
	switch {
	case len(x) == 0:
	case vector[T]():
		softmaxSIMD(f32(x), len(x), float32(scale), &expTable[0])
	default:
		softmaxNaive(x, scale)
	}
}

func softmaxNaive[T Float](x []T, scale T) {
	top := scale * x[0]
	for j := range x {
		x[j] *= scale
		top = max(top, x[j])
	}
	var sum float64
	for j, v := range x {
		x[j] = exp(v - top)
		sum += float64(x[j])
	}
	for j := range x {
		x[j] = T(float64(x[j]) / sum)
	}
}

func softmaxGradRow[T Float](dx, p, dp []T, scale T) {
	if vector[T]() {
		softmaxGradSIMD(f32(dx), f32(p), f32(dp), len(dx), float32(scale))
		return
	}
	softmaxGradNaive(dx, p, dp, scale)
}

func softmaxGradNaive[T Float](dx, p, dp []T, scale T) {
	var dot float64
	for j := range p {
		dot += float64(p[j]) * float64(dp[j])
	}
	for j := range p {
		dx[j] = scale * p[j] * (dp[j] - T(dot))
	}
}
