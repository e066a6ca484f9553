package kernel

import (
	"fmt"
	"testing"
)

// The products of one encoder: forward y = x·Wᵀ, gradient of x, gradient of W, and
// those of one attention head, of SST-2 sentences and of BERT-base.
var benchProducts = []struct {
	name           string
	m, n, k        int
	transA, transB bool
	ldx            int // leading dimension of x where it is part of a wider matrix
}{
	{"forward", 10, 384, 128, false, true, 0},
	{"forward", 50, 512, 128, false, true, 0},
	{"forward", 200, 384, 128, false, true, 0},
	{"forward", 200, 128, 128, false, true, 0},
	{"forward", 200, 512, 128, false, true, 0},
	{"forward", 200, 128, 512, false, true, 0},
	{"forward", 400, 512, 128, false, true, 0},
	{"forward", 2000, 512, 128, false, true, 0},
	{"gradX", 200, 128, 384, false, false, 0},
	{"gradX", 200, 128, 512, false, false, 0},
	{"gradX", 200, 512, 128, false, false, 0},
	{"gradW", 384, 128, 200, true, false, 0},
	{"gradW", 512, 128, 200, true, false, 0},
	{"gradW", 128, 512, 200, true, false, 0},
	{"gradW", 128, 512, 1000, true, false, 0},
	{"base", 16, 3072, 768, false, true, 0},
	{"base", 128, 2304, 768, false, true, 0},
	{"base", 128, 768, 768, false, true, 0},
	{"base", 128, 3072, 768, false, true, 0},
	{"base", 128, 768, 3072, false, true, 0},
	{"base", 1024, 3072, 768, false, true, 0},
	{"base", 1024, 768, 3072, false, true, 0},
	{"baseGradX", 1024, 3072, 768, false, false, 0},
	{"baseGradW", 3072, 768, 1024, true, false, 0},
	{"baseGradW", 768, 3072, 1024, true, false, 0},
	{"scores", 13, 13, 64, false, true, 384},
	{"scores", 25, 25, 64, false, true, 384},
	{"scores", 64, 64, 64, false, true, 384},
	{"scores", 128, 128, 64, false, true, 2304},
	{"context", 13, 64, 13, false, false, 384},
	{"context", 25, 64, 25, false, false, 384},
	{"context", 64, 64, 64, false, false, 384},
	{"gradV", 25, 64, 25, true, false, 384},
	{"square", 1024, 1024, 1024, false, false, 0},
}

// GFLOP/s on one core of an AMD EPYC of the Zen 4 kind (peak 115) that other work
// kept busy, by CPU time; products as above, without and with the tag openblas:
//
//	                        AVX-512  AVX2  OpenBLAS 0.3.21
//	forward  10×384×128          72    72   46
//	forward 200×384×128         108   109   99
//	forward 200×128×512         109   109   99
//	gradW   512×128×200         110   104   99
//	base    128×3072×768         92    95   84
//	base   1024×3072×768         99   100  100
//	base   1024×768×3072         90    92   97
//	scores   25×25×64            58    58   (as AVX-512)
func BenchmarkGemm(b *testing.B) {
	for _, p := range benchProducts {
		b.Run(fmt.Sprintf("%s/m=%d,n=%d,k=%d", p.name, p.m, p.n, p.k), func(b *testing.B) {
			g := randomProduct[float32](p.m, p.n, p.k, p.transA, p.transB, false)
			g.lda, g.ldb, g.ldc = ld(p.m, p.k, p.transA), ld(p.k, p.n, p.transB), p.n
			if p.ldx > 0 {
				g.lda, g.ldb = p.ldx, p.ldx
				g.a = normals[float32](p.ldx*max(p.m, p.k), 1)
				g.b = normals[float32](p.ldx*max(p.n, p.k), 2)
			}
			for b.Loop() {
				g.run()
			}
			b.ReportMetric(2*float64(p.m)*float64(p.n)*float64(p.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func ld(rows, cols int, trans bool) int {
	if trans {
		return rows
	}
	return cols
}

// BenchmarkGemmPortable is the product without assembly.
func BenchmarkGemmPortable(b *testing.B) {
	for _, s := range [][3]int{{13, 13, 64}, {200, 384, 128}, {512, 512, 512}} {
		b.Run(fmt.Sprintf("m=%d,n=%d,k=%d", s[0], s[1], s[2]), func(b *testing.B) {
			g := randomProduct[float64](s[0], s[1], s[2], false, true, false)
			for b.Loop() {
				g.run()
			}
			b.ReportMetric(2*float64(s[0])*float64(s[1])*float64(s[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
