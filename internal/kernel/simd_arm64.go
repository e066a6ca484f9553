package kernel

func detect() []simd { return []simd{scalar, neon} }
