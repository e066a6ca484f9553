package kernel

import (
	"math"
	"slices"
	"testing"
)

// adamTorch is one step of torch.optim.AdamW, its operations one by one in float64.
func adamTorch(w, m, v, g []float64, lr, beta1, beta2, eps, decay float64, step int) {
	corr1, corr2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
	for i := range w {
		w[i] *= 1 - lr*decay
		m[i] = m[i]*beta1 + (1-beta1)*g[i]
		v[i] = v[i]*beta2 + (1-beta2)*g[i]*g[i]
		denom := math.Sqrt(v[i])/math.Sqrt(corr2) + eps
		w[i] += -lr / corr1 * m[i] / denom
	}
}

func testAdamW[T Float](t *testing.T) {
	const lr, beta1, beta2, eps, decay = 0.03, 0.9, 0.999, 1e-8, 0.1
	for _, n := range lengths {
		eachLevel(func() {
			w, m, v := normals[T](n, 1), make([]T, n), make([]T, n)
			w64, m64, v64 := widen(w), widen(m), widen(v)
			for step := 1; step <= 5; step++ {
				g := normals[T](n, uint64(10+step))
				corr1, corr2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
				AdamW(w, m, v, g, lr, beta1, beta2, eps, decay, corr1, corr2)
				adamTorch(w64, m64, v64, widen(g), lr, beta1, beta2, eps, decay, step)
			}
			closeTo(t, "w", w, w64, tolerance[T](1e-6))
			closeTo(t, "m", m, m64, tolerance[T](1e-6))
			closeTo(t, "v", v, v64, tolerance[T](1e-6))
		})
	}
}

func TestAdamW(t *testing.T) {
	testAdamW[float32](t)
	testAdamW[float64](t)
}

// Every instruction set gives the same bits, and so does every way of sharing the
// elements out to workers.
func TestAdamWBits(t *testing.T) {
	const n = 61
	var first []float32
	eachLevel(func() {
		for _, cut := range []int{0, 7, 32, 50} {
			w, m, v, g := normals[float32](n, 1), normals[float32](n, 2), normals[float32](n, 3), normals[float32](n, 4)
			for i := range v {
				v[i] *= v[i]
			}
			AdamW(w[:cut], m[:cut], v[:cut], g[:cut], 0.01, 0.9, 0.98, 1e-6, 0.01, 0.5, 0.2)
			AdamW(w[cut:], m[cut:], v[cut:], g[cut:], 0.01, 0.9, 0.98, 1e-6, 0.01, 0.5, 0.2)
			if first == nil {
				first = slices.Clone(w)
			}
			same(t, "w", w, first)
		}
	})
}

// A gradient of zero leaves a fresh weight alone: 0/(√0 + eps).
func TestAdamWZeroGradient(t *testing.T) {
	eachLevel(func() {
		w := normals[float32](9, 1)
		want := slices.Clone(w)
		AdamW(w, make([]float32, 9), make([]float32, 9), make([]float32, 9), 0.1, 0.9, 0.999, 1e-8, 0, 0.1, 0.001)
		same(t, "w", w, want)
	})
}
