package kernel

// simd is what the processor offers the kernels in assembly.
type simd int

const (
	scalar simd = iota
	avx2        // AVX2 and FMA
	avx512      // AVX-512 F, on top of avx2
)

// level is the best the processor has. Only tests change it.
var level = detect()

func (s simd) String() string { return [...]string{"go", "go-avx2", "go-avx512"}[s] }
