package kernel

import "math"

// LayerNorm normalises each row and scales it:
//
//	dst = (x − mean)·rstd·gamma + beta,   rstd = 1/√(var + eps)
//
// with the biased variance of the row. It also writes each row's mean and rstd, which
// LayerNormGrad reads.
//
// Shapes: dst, x (rows, cols), gamma, beta (cols), mean, rstd (rows). dst may alias x
// if the gradient is not wanted.
func LayerNorm[T Float](dst, x, gamma, beta []T, rows, cols int, eps T, mean, rstd []T) {
	gamma, beta = gamma[:cols], beta[:cols]
	for i := range rows {
		row, out := x[i*cols:(i+1)*cols], dst[i*cols:(i+1)*cols]
		mean[i], rstd[i] = moments(row, eps)
		if vector[T]() {
			normSIMD(f32(out), f32(row), f32(gamma), f32(beta), cols, float32(mean[i]), float32(rstd[i]))
		} else {
			normNaive(out, row, gamma, beta, mean[i], rstd[i])
		}
	}
}

// LayerNormGrad is the gradient of LayerNorm. With x̂ = (x − mean)·rstd and g = dy·gamma:
//
//	dx = rstd·(g − Σ g/cols − x̂·Σ g·x̂/cols)    per row
//	dgamma = Σ_i dy·x̂,  dbeta = Σ_i dy
//
// Shapes as in LayerNorm. dx may alias dy; dgamma and dbeta are overwritten.
func LayerNormGrad[T Float](dx, dgamma, dbeta, dy, x, gamma []T, mean, rstd []T, rows, cols int) {
	dgamma, dbeta, gamma = dgamma[:cols], dbeta[:cols], gamma[:cols]
	clear(dgamma)
	clear(dbeta)
	for i := range rows {
		at, end := i*cols, (i+1)*cols
		normGradRow(dx[at:end], dgamma, dbeta, dy[at:end], x[at:end], gamma, mean[i], rstd[i])
	}
}

// moments is the mean of a row and 1/√(its biased variance + eps), in two passes with
// float64 sums.
func moments[T Float](x []T, eps T) (mean, rstd T) {
	var sum float64
	n := float64(len(x))
	if vector[T]() {
		sum = sumSIMD(f32(x), len(x))
	} else {
		sum = sumNaive(x)
	}
	squares := squaresAround(x, sum/n)
	return T(sum / n), T(1 / math.Sqrt(squares/n+float64(eps)))
}

// SumSquares is Σ x², summed in float64.
func SumSquares[T Float](x []T) float64 { return squaresAround(x, 0) }

// squaresAround is Σ (x − mean)².
func squaresAround[T Float](x []T, mean float64) float64 {
	if vector[T]() {
		return squaresSIMD(f32(x), len(x), float32(mean))
	}
	return squaresNaive(x, mean)
}

func sumNaive[T Float](x []T) (sum float64) {
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}

func squaresNaive[T Float](x []T, mean float64) (sum float64) {
	for _, v := range x {
		sum += (float64(v) - mean) * (float64(v) - mean)
	}
	return sum
}

func normNaive[T Float](dst, x, gamma, beta []T, mean, rstd T) {
	for j, v := range x {
		dst[j] = (v-mean)*rstd*gamma[j] + beta[j]
	}
}

// normGradRow is LayerNormGrad for one row, added to dgamma and dbeta.
func normGradRow[T Float](dx, dgamma, dbeta, dy, x, gamma []T, mean, rstd T) {
	if !vector[T]() {
		normGradNaive(dx, dgamma, dbeta, dy, x, gamma, mean, rstd)
		return
	}
	n, m, r := len(x), float32(mean), float32(rstd)
	sum, dot := normSumsSIMD(f32(dgamma), f32(dbeta), f32(dy), f32(x), f32(gamma), n, m, r)
	normGradSIMD(f32(dx), f32(dy), f32(x), f32(gamma), n, m, r, sum/float32(n), dot/float32(n))
}

func normGradNaive[T Float](dx, dgamma, dbeta, dy, x, gamma []T, mean, rstd T) {
	var sum, dot float64
	for j := range x {
		hat := (x[j] - mean) * rstd
		dgamma[j] += dy[j] * hat
		dbeta[j] += dy[j]
		sum += float64(dy[j] * gamma[j])
		dot += float64(dy[j] * gamma[j] * hat)
	}
	sum, dot = sum/float64(len(x)), dot/float64(len(x))
	for j := range x {
		hat := (x[j] - mean) * rstd
		dx[j] = rstd * (dy[j]*gamma[j] - T(sum) - hat*T(dot))
	}
}
