package predict

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// Net is a network in float32, in which models are trained and used.
type Net = model.Net[float32]

// Replicas are networks over the same weights, one per worker.
type Replicas []*Net

// NewReplicas builds so many networks.
func NewReplicas(workers int, c arch.Config, w model.Weights[float32], soft *model.SoftExtract[float32], use model.Use) (Replicas, error) {
	var r Replicas
	for range workers {
		n, err := model.NewNet(c, w, soft, use)
		if err != nil {
			return nil, err
		}
		r = append(r, n)
	}
	return r, nil
}

// Split deals examples out to workers so that each has about as many rows, padding (padTo)
// included: the longest first, each to the worker with the least. The deal depends on the
// examples alone, so a run repeats bit for bit. The sequences of an example stay together.
func Split(all []data.Encoded, batch []int, workers, padTo int) [][]int {
	batch = slices.Clone(batch)
	slices.SortStableFunc(batch, func(a, b int) int { return cmp.Compare(all[b].Rows(padTo), all[a].Rows(padTo)) })
	parts, load := make([][]int, workers), make([]int, workers)
	for _, i := range batch {
		w := 0
		for v := range load {
			if load[v] < load[w] {
				w = v
			}
		}
		parts[w] = append(parts[w], i)
		load[w] += all[i].Rows(padTo)
	}
	return slices.DeleteFunc(parts, func(p []int) bool { return len(p) == 0 })
}

// Fill puts examples into a batch, each padded to padTo rows.
func Fill(b *model.Batch, all []data.Encoded, part []int, padTo int) {
	b.Reset()
	for _, i := range part {
		e := &all[i]
		for s := range e.Sequences() {
			b.AddSequence(s.IDs, s.Types, padTo, e.Label)
			b.Targets = append(b.Targets, e.Targets...)
		}
	}
}

// Mask has tokens of a batch guessed, which holds the examples of part: the sequences'
// labels give way to the tokens. Which ones seed and the examples' numbers decide.
func Mask(b *model.Batch, masking *data.Masking, part []int, seed uint64) {
	b.Labels = b.Labels[:0]
	for s, i := range part {
		from, to, _ := b.Bounds(s)
		masking.Apply(b.IDs[from:to], kernel.Mix(seed, uint64(i)), func(at int, token int32) {
			b.Masked = append(b.Masked, int32(from+at))
			b.Labels = append(b.Labels, int(token))
		})
	}
}

// Each runs f for 0 ≤ w < n at once and waits; one alone runs where it is called.
func Each(n int, f func(w int) error) error {
	if n == 1 {
		return f(0)
	}
	errs := make([]error, n)
	var wait sync.WaitGroup
	for w := range n {
		wait.Go(func() { errs[w] = f(w) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// Between is from, from+1, …, to−1.
func Between(from, to int) []int {
	list := make([]int, to-from)
	for i := range list {
		list[i] = from + i
	}
	return list
}
