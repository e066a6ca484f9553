package kernel

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
	adamWNaive(w, m, v, g, lr, beta1, beta2, eps, decay, corr1, corr2)
}

func adamWNaive[T Float](w, m, v, g []T, lr, beta1, beta2, eps, decay, corr1, corr2 float64) {
	shrink, step, root := T(1-lr*decay), T(lr/corr1), T(sqrt(corr2))
	b1, b2, c1, c2, e := T(beta1), T(beta2), T(1-beta1), T(1-beta2), T(eps)
	for i, gi := range g {
		m[i] = b1*m[i] + c1*gi
		v[i] = b2*v[i] + c2*gi*gi
		w[i] = w[i]*shrink - step*m[i]/(sqrt(v[i])/root+e)
	}
}
