package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkInt8 is a linear layer by every kernel, rows quantised, of BERT-base and of
// small models as in BenchmarkAffine, and the quantising alone.
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
