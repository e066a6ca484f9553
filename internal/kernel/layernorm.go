package kernel

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
	layerNormNaive(dst, x, gamma, beta, rows, cols, eps, mean, rstd)
}

// LayerNormGrad is the gradient of LayerNorm. With x̂ = (x − mean)·rstd and g = dy·gamma:
//
//	dx = rstd·(g − Σ g/cols − x̂·Σ g·x̂/cols)    per row
//	dgamma = Σ_i dy·x̂,  dbeta = Σ_i dy
//
// Shapes as in LayerNorm. dx may alias dy; dgamma and dbeta are overwritten.
func LayerNormGrad[T Float](dx, dgamma, dbeta, dy, x, gamma []T, mean, rstd []T, rows, cols int) {
	layerNormGradNaive(dx, dgamma, dbeta, dy, x, gamma, mean, rstd, rows, cols)
}

func layerNormNaive[T Float](dst, x, gamma, beta []T, rows, cols int, eps T, mean, rstd []T) {
	for i := range rows {
		row, out := x[i*cols:(i+1)*cols], dst[i*cols:(i+1)*cols]
		mean[i], rstd[i] = moments(row, eps)
		for j, v := range row {
			out[j] = (v-mean[i])*rstd[i]*gamma[j] + beta[j]
		}
	}
}

// moments is the mean of a row and 1/√(its biased variance + eps), in two passes.
func moments[T Float](x []T, eps T) (mean, rstd T) {
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
	}
	m := sum / float64(len(x))
	for _, v := range x {
		squares += (float64(v) - m) * (float64(v) - m)
	}
	return T(m), T(1 / sqrt(squares/float64(len(x))+float64(eps)))
}

func layerNormGradNaive[T Float](dx, dgamma, dbeta, dy, x, gamma []T, mean, rstd []T, rows, cols int) {
	clear(dgamma[:cols])
	clear(dbeta[:cols])
	for i := range rows {
		in, up, out := x[i*cols:(i+1)*cols], dy[i*cols:(i+1)*cols], dx[i*cols:(i+1)*cols]
		var sum, dot float64
		for j := range in {
			hat := (in[j] - mean[i]) * rstd[i]
			dgamma[j] += up[j] * hat
			dbeta[j] += up[j]
			sum += float64(up[j] * gamma[j])
			dot += float64(up[j] * gamma[j] * hat)
		}
		sum, dot = sum/float64(cols), dot/float64(cols)
		for j := range in {
			hat := (in[j] - mean[i]) * rstd[i]
			out[j] = rstd[i] * (up[j]*gamma[j] - T(sum) - hat*T(dot))
		}
	}
}
