package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkInt8 is a linear layer by every kernel, rows quantised, of BERT-base and of
// small models as in BenchmarkAffine.
//
// GOP/s, two to a multiply-add, on one core of an AMD EPYC of the Zen 4 kind that other
// work kept busy, without and with GELU, the best of three for AVX-512 VNNI and by CPU time
// for AVX2; BenchmarkGemm has float32:
//
//	                 avx512vnni    avx2
//	   3×3072×768    378   350    129   126
//	 128×3072×768    432   404    155   155
//	1024×3072×768    393   394    145   144
//	1024×768×3072    423   408    149   149
//	 400×512×128     348   249    132   107
func BenchmarkInt8(b *testing.B) {
	for _, s := range [][3]int{{3, 3072, 768}, {13, 3072, 768}, {128, 3072, 768}, {1024, 768, 768}, {1024, 2304, 768}, {1024, 3072, 768}, {1024, 768, 3072}, {400, 512, 128}} {
		rows, out, in := s[0], s[1], s[2]
		eachInt8Kernel(func(k *int8Kernel) {
			for _, f := range []Activation{NoActivation, FastGELU} {
				b.Run(fmt.Sprintf("%s/rows=%d,out=%d,in=%d,activation=%d", k.name, rows, out, in, f), func(b *testing.B) {
					p := randomInt8(rows, out, in)
					w, y := k.matrix(p.v, p.c, out, in), make([]float32, rows*out)
					var x QuantizedRows
					x.Reset(w, rows)
					for b.Loop() {
						if err := x.Quantize(p.x, nil); err != nil {
							b.Fatal(err)
						}
						w.Multiply(y, &x, p.bias, f, nil)
					}
					b.ReportMetric(2*float64(rows)*float64(out)*float64(in)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
				})
			}
		})
	}
}

// BenchmarkQuantize is the quantising of rows alone.
func BenchmarkQuantize(b *testing.B) {
	const rows, in = 1024, 768
	p := randomInt8(rows, 1, in)
	eachInt8Kernel(func(k *int8Kernel) {
		b.Run(k.name, func(b *testing.B) {
			b.SetBytes(4 * rows * in)
			var x QuantizedRows
			x.Reset(k.matrix(p.v, p.c, 1, in), rows)
			for b.Loop() {
				if err := x.Quantize(p.x, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
