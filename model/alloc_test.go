package model

import (
	"runtime"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// A steady step allocates no tensor: what ops hand to cores that help them is all there
// is, however large the batch.
func TestSteadyStepAllocatesNoTensor(t *testing.T) {
	const most = 192 // bytes per instruction
	modern := modernConfigs()["modernbert"]
	for name, e := range map[string]retention.Elimination{"dense": {}, "hard": keep(9, 7, 5, 5), "soft": {Soft: true, Length: identityN, Lambda: 0.1},
		"modern": {}, "modern, hard": keep(9, 7, 5, 5)} {
		for _, length := range []int{4, identityN} {
			c := allocConfig()
			if strings.HasPrefix(name, "modern") {
				c = modern.Picked(4, func(j int) int { return j % 3 })
			}
			p := NewParams[float32](c)
			p.Init(1)
			n, err := NewNet(c, p, NewSoftExtract[float32](c.NumHiddenLayers, identityN), Use{Train: true, Elimination: e})
			if err != nil {
				t.Fatal(err)
			}
			for s := range 40 {
				n.Batch.AddSequence(make([]int32, length), make([]int32, length), 0, s%3)
			}
			g := gradientsOf(t, n)
			step := func() {
				if err := g.Run(1, false, nil); err != nil {
					t.Fatal(err)
				}
			}
			step() // buffers grow
			step()
			if got := bytesOf(step, 20) / float64(n.machine.Instructions()); got > most {
				t.Errorf("%s, 40 sequences of %d: a step allocates %.0f bytes per instruction, want at most %d", name, length, got, most)
			} else {
				t.Logf("%s, 40 sequences of %d: %.0f bytes per instruction", name, length, got)
			}
		}
	}
}

func allocConfig() arch.Config {
	c := identityConfig()
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0.1, 0.1
	return c
}

// bytesOf is what f allocates in the mean of n calls.
func bytesOf(f func(), n int) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}
