package kernel

import "math"

// AdamW is one step of Adam with decoupled weight decay (Loshchilov and Hutter 2019)
// over the elements of one group, in the order of operations of torch.optim.AdamW:
//
//	w ← w − lr·decay·w
//	m ← β1·m + (1−β1)·g,   v ← β2·v + (1−β2)·g²
//	w ← w − lr/corr1 · m/(√v/√corr2 + eps)
//
// corr1 = 1 − β1ᵗ and corr2 = 1 − β2ᵗ are the bias corrections of step t. All four
// slices have the length of w; g is only read.
func AdamW[T Float](w, m, v, g []T, lr, beta1, beta2, eps, decay, corr1, corr2 float64) {
	w, m, v = w[:len(g)], m[:len(g)], v[:len(g)]
	f := adamFactors[T]{T(1 - lr*decay), T(beta1), T(beta2), T(1 - beta1), T(1 - beta2), T(lr / corr1), T(math.Sqrt(corr2)), T(eps)}
	if vector[T]() {
		adamWSIMD(f32(w), f32(m), f32(v), f32(g), len(g), f32(f[:]))
		return
	}
	adamWNaive(w, m, v, g, &f)
}

// adamFactors are 1 − lr·decay, β1, β2, 1 − β1, 1 − β2, lr/corr1, √corr2 and eps.
type adamFactors[T Float] [8]T

// adamWNaive rounds every product, lest a processor fuse it with a sum: all kinds give
// the same bits.
func adamWNaive[T Float](w, m, v, g []T, f *adamFactors[T]) {
	for i, gi := range g {
		m[i] = T(f[1]*m[i]) + T(f[3]*gi)
		v[i] = T(f[2]*v[i]) + T(T(f[4]*gi)*gi)
		w[i] = T(w[i]*f[0]) - T(f[5]*m[i])/(sqrt(v[i])/f[6]+f[7])
	}
}
