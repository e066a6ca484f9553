package kernel

// simd is what the processor offers the kernels in assembly.
type simd int

const (
	scalar simd = iota
	neon        // AdvSIMD, which every arm64 has
	avx2        // AVX2 and FMA
	avx512      // AVX-512 F, on top of avx2
)

// levels are those that the processor has, the plainest first.
var levels = detect()

// level is the best the processor has. Only tests change it.
var level = levels[len(levels)-1]

func (s simd) String() string { return [...]string{"go", "go-neon", "go-avx2", "go-avx512"}[s] }
