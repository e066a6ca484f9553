package kernel

import "golang.org/x/sys/cpu"

func detect() simd {
	switch {
	case !cpu.X86.HasAVX2 || !cpu.X86.HasFMA:
		return scalar
	case !cpu.X86.HasAVX512F:
		return avx2
	default:
		return avx512
	}
}
