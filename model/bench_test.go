package model

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
)

// The models that the benchmarks run, as `experiments/speed` times them beside
// other libraries.
var benchModels = []struct {
	name                                string
	layers, hidden, heads, intermediate int
	sequences, length                   int
	keep                                []int
}{
	{"base", 12, 768, 12, 3072, 8, 128, []int{80, 73, 70, 50, 50, 40, 33, 27, 20, 15, 13, 3}},
	{"small", 12, 128, 2, 512, 32, 64, []int{40, 36, 35, 25, 25, 20, 16, 13, 10, 7, 6, 1}},
	{"mini", 6, 384, 12, 1536, 32, 64, []int{36, 25, 20, 13, 7, 1}},
	{"encoder", 1, 768, 12, 3072, 8, 128, []int{64}}, // all its rows
	{"sst2", 12, 128, 2, 512, 32, 0, []int{16, 10, 7, 3, 2, 2, 1, 1, 1, 1, 1, 1}},
}

// benchReplicas builds replicas that share a batch of random tokens; length 0
// draws lengths as SST-2's training sentences have them.
func benchReplicas(b *testing.B, model, workers int, use Use) []*Net[float32] {
	m := benchModels[model]
	use.Full = m.layers == 1
	c := arch.DefaultBERT()
	c.NumHiddenLayers, c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize = m.layers, m.hidden, m.heads, m.intermediate
	p := NewParams[float32](c)
	p.Init(1)
	var weights Weights[float32] = p
	if !use.Train {
		weights = p.Freeze()
	}
	soft := NewSoftExtract[float32](m.layers, max(m.length, 64))
	use.Length = soft.Length
	random := rand.New(rand.NewPCG(1, 2))
	var nets []*Net[float32]
	for range workers {
		n, err := NewNet(c, weights, soft, use)
		if err != nil {
			b.Fatal(err)
		}
		n.Batch.Weight, n.Batch.Penalty = 1/float64(m.sequences), 1/float64(workers)
		for range m.sequences / workers {
			length := m.length
			if length == 0 {
				length = 3 + int(10*random.ExpFloat64())%60
			}
			ids, types := make([]int32, length), make([]int32, length)
			for i := range ids {
				ids[i] = random.Int32N(int32(c.VocabSize))
			}
			n.Batch.AddSequence(ids, types, 0, random.IntN(2))
		}
		nets = append(nets, n)
	}
	return nets
}

// BenchmarkStep runs forward and backward passes and the sum of the gradients,
// on one core and on two.
func BenchmarkStep(b *testing.B) {
	for i, m := range benchModels {
		for _, mode := range []string{"dense", "soft", "hard"} {
			use := Use{Train: true}
			switch mode {
			case "soft":
				use.Soft, use.Lambda = true, 1e-4
			case "hard":
				use.Keep = m.keep
			}
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%s/workers=%d", m.name, mode, workers), func(b *testing.B) {
					grad := gradientsOf(b, benchReplicas(b, i, workers, use)...)
					b.ReportAllocs()
					for b.Loop() {
						if err := grad.Run(workers, false, nil); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(m.sequences*b.N)/b.Elapsed().Seconds(), "examples/s")
				})
			}
		}
	}
}

// BenchmarkForward runs forward passes alone.
func BenchmarkForward(b *testing.B) {
	for i, m := range benchModels {
		for _, mode := range []string{"dense", "hard"} {
			var use Use
			if mode == "hard" {
				use.Keep = m.keep
			}
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%s/workers=%d", m.name, mode, workers), func(b *testing.B) {
					nets := benchReplicas(b, i, workers, use)
					b.ReportAllocs()
					for b.Loop() {
						run(b, nets)
					}
					b.ReportMetric(float64(m.sequences*b.N)/b.Elapsed().Seconds(), "examples/s")
				})
			}
		}
	}
}

// run lets every replica run at once.
func run[T kernel.Float](b *testing.B, nets []*Net[T]) {
	var wait sync.WaitGroup
	for i, n := range nets {
		wait.Go(func() {
			n.Batch.Seed++
			if err := n.Forward(); err != nil {
				b.Error(i, err)
			}
		})
	}
	wait.Wait()
}
