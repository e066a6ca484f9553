package archtest

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

func TestMain(m *testing.M) {
	atomicfile.Unsynced()
	Register()
	os.Exit(m.Run())
}

// N of the retention configurations here.
const longest = 13

// tower is a small configuration of the family, its sizes odd and all different.
func tower() arch.Config {
	c := arch.FamilyOf(Type).Defaults()
	c.VocabSize, c.EmbeddingSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = 37, 10, 15, 4, 3
	c.IntermediateSize, c.MaxPositionEmbeddings = 22, 17
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	c.SetLabels([]string{"a", "b", "c"})
	return c
}

// guessing is tower with the head for masked tokens.
func guessing(t *testing.T) arch.Config {
	t.Helper()
	c := tower()
	if err := c.SetMaskedLM(); err != nil {
		t.Fatal(err)
	}
	return c
}

func hard(l ...int) retention.Elimination { return retention.Elimination{Keep: l, Length: longest} }

// random are parameters of c, none of which is 0 or 1.
func random[T kernel.Float](c arch.Config) *model.Params[T] {
	source, p := rand.New(rand.NewPCG(3, 1)), model.NewParams[T](c)
	for i := range p.Arena() {
		p.Arena()[i] = T(0.4 * source.NormFloat64())
	}
	return p
}

// filled is a network of c over w whose batch has sequences of the given lengths, every
// fourth token of which is to be guessed where c guesses.
func filled[T kernel.Float](t *testing.T, c arch.Config, w model.Weights[T], use model.Use, lengths ...int) *model.Net[T] {
	t.Helper()
	n, err := model.NewNet(c, w, model.NewSoftExtract[T](c.NumHiddenLayers, longest), use)
	if err != nil {
		t.Fatal(err)
	}
	source, b := rand.New(rand.NewPCG(8, 2)), n.Batch
	for s, length := range lengths {
		ids, types := make([]int32, length), make([]int32, length)
		for i := range ids {
			ids[i], types[i] = int32(source.IntN(c.VocabSize)), int32(source.IntN(2))
		}
		b.AddSequence(ids, types, 0, s%3)
	}
	if c.MaskedLM() {
		b.Labels = b.Labels[:0]
		for at := 1; at < b.Rows(); at += 4 {
			b.Masked, b.Labels = append(b.Masked, int32(at)), append(b.Labels, at%c.VocabSize)
		}
	}
	b.Weight, b.Penalty, b.Seed = 0.25, 1, 5
	return n
}
