package infer

import (
	"time"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/metric"
)

// Backend names what multiplies the matrices, as "openblas" or "go-avx2".
func Backend() string { return kernel.Backend() }

// BF16Backend names what multiplies bfloat16, in training and in the attention of int8 models,
// as "avx512bf16"; "go": it does not pay on this machine.
func BF16Backend() string { return kernel.BF16Backend() }

// BF16Pays tells whether bfloat16 pays on this machine: attention of int8 models reads it then.
func BF16Pays() bool { return kernel.BF16Pays() }

// Int8Backend names what multiplies the matrices of int8 models, as "avx2", and what else
// could on this machine, if POWERBERT_KERNEL named it. It reports an error where that
// names nothing that runs here.
func Int8Backend() (inUse string, others []string, err error) {
	list, err := kernel.Int8Backends()
	for _, b := range list {
		switch {
		case b.InUse:
			inUse = b.Name
		case b.Lacks == "":
			others = append(others, b.Name)
		}
	}
	return inUse, others, err
}

// The product that ProductRate times: a short text through a matrix of BERT-base.
const (
	productRows  = 128
	productWidth = 768
)

// ProductRate multiplies matrices as an encoder of BERT-base does, (128, 768) by
// the transpose of (768, 768), on one core and for about d. It returns the median
// rate in GFLOP/s.
func ProductRate(d time.Duration) float64 {
	const m, n = productRows, productWidth
	x, w, y := sawtooth(m*n), sawtooth(n*n), make([]float32, m*n)
	return rate(d, 2*m*n*n, time.Now, func() { kernel.Gemm(false, true, m, n, n, x, n, w, n, y, n, false) })
}

// rate is the median of 10⁹ operations per second of something that takes so many
// operations, done for about d by a clock and once before.
func rate(d time.Duration, operations float64, now func() time.Time, do func()) float64 {
	do() // warms up
	var rates []float64
	for start := now(); len(rates) == 0 || now().Sub(start) < d; {
		begin := now()
		do()
		rates = append(rates, operations/now().Sub(begin).Seconds()/1e9)
	}
	return metric.Median(rates)
}

// sawtooth is n ordinary numbers: no zeros, which some processors multiply faster.
func sawtooth(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%7) - 3.5
	}
	return x
}
