package kernel

import "golang.org/x/sys/cpu"

func detect() []simd {
	switch {
	case !cpu.X86.HasAVX2 || !cpu.X86.HasFMA:
		return []simd{scalar}
	case !cpu.X86.HasAVX512F:
		return []simd{scalar, avx2}
	default:
		return []simd{scalar, avx2, avx512}
	}
}
