package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkAffine is a linear layer with packed weights, of BERT-base and of small
// models; few rows are what hard extraction leaves of one sentence.
func BenchmarkAffine(b *testing.B) {
	for _, s := range [][3]int{{3, 3072, 768}, {13, 3072, 768}, {40, 3072, 768}, {128, 3072, 768}, {128, 768, 3072}, {128, 768, 768}, {1024, 3072, 768}, {1024, 768, 3072}, {400, 512, 128}} {
		rows, out, in := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("rows=%d,out=%d,in=%d", rows, out, in), func(b *testing.B) {
			w := Pack(Rows[float32]{normals[float32](out*in, 1), out, in})
			x, bias, y := normals[float32](rows*in, 2), normals[float32](out, 3), make([]float32, rows*out)
			for b.Loop() {
				w.Affine(y, x, bias, rows, nil)
			}
			b.ReportMetric(2*float64(rows)*float64(out)*float64(in)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
