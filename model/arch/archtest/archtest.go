// Package archtest is a family of models for tests that nobody publishes. Its mechanisms
// are known, put together as no other family does: an embedding that is mapped to
// encoders with weights of their own, a bias of attention by distance that they share, and a
// LayerNorm in the classifier. Its tensors are called so that no rule about other families'
// names fits them.
package archtest

import (
	"fmt"
	"sync"

	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
)

// Type is the model_type of the family.
const Type = "tower"

// Register adds the family to the table, once.
func Register() { register() }

var register = sync.OnceFunc(func() {
	arch.Register(&arch.Family{
		Type: Type, Title: "a tower", Base: "tower.", Defaults: defaults, Net: net,
		Heads: problem.Heads("Tower", problem.Kinds...),
	})
})

func defaults() arch.Config {
	c := arch.DefaultBERT()
	c.ModelType, c.EmbeddingSize, c.HiddenAct = Type, 96, "gelu_new"
	return c
}

// net misleads by names: of linear layers called LayerNorm, norms called dense, and
// encoders that are not called layers.
func net(c *arch.Config) (*arch.Net, error) {
	e, h := c.EmbeddingSize, c.HiddenSize
	n := &arch.Net{Embedding: arch.Embedding{
		Words:     arch.Table{Name: "tower.ground.pieces", Rows: c.VocabSize, Width: e},
		Positions: arch.Table{Name: "tower.ground.places", Rows: c.MaxPositionEmbeddings, Width: e},
		Types:     arch.Table{Name: "tower.ground.kinds", Rows: c.TypeVocabSize, Width: e},
		Norm:      arch.Norm{Name: "tower.ground.dense", Width: e, Eps: c.LayerNormEps},
		Dropout:   c.HiddenDropoutProb,
		Mapping:   &arch.Linear{Name: "tower.stairs", In: e, Out: h},
	}}
	view := arch.Relative{Table: arch.Table{Name: "tower.view", Rows: 9, Width: c.NumAttentionHeads}, Buckets: 8, Furthest: 6}
	for j := range c.NumHiddenLayers {
		n.Blocks = append(n.Blocks, storey(c, j))
		n.Blocks[j].Attention.Relative = &view
	}
	norm := arch.Norm{Name: "roof.dense", Width: h, Eps: c.LayerNormEps}
	n.Head = arch.Head{
		Dense: arch.Linear{Name: "roof.LayerNorm", In: h, Out: h}, Activation: arch.Tanh, Norm: &norm,
		Dropout: c.HeadDropout(), Output: arch.Linear{Name: "roof.flag", In: h, Out: c.Outputs()},
	}
	if c.MaskedLM() {
		norm.Name, norm.Width = "gaps.dense", e
		n.Head = arch.Head{
			Dense: arch.Linear{Name: "gaps.LayerNorm", In: h, Out: e}, Activation: arch.GELUTanh, Norm: &norm,
			Output: arch.Linear{Name: "gaps", In: e, Out: c.VocabSize}, Masked: true,
		}
	}
	return n, nil
}

// storey is encoder j (0-based).
func storey(c *arch.Config, j int) arch.Block {
	h, f := c.HiddenSize, c.IntermediateSize
	linear := func(name string, in, out int) arch.Linear {
		return arch.Linear{Name: fmt.Sprintf("tower.storey%d.%s", j+1, name), In: in, Out: out}
	}
	norm := func(name string) arch.Norm {
		return arch.Norm{Name: fmt.Sprintf("tower.storey%d.%s", j+1, name), Width: h, Eps: c.LayerNormEps}
	}
	return arch.Block{
		Layer: j + 1,
		Attention: arch.Attention{
			Query: linear("asks", h, h), Key: linear("holds", h, h), Value: linear("gives", h, h),
			Output: linear("LayerNorm_out", h, h), Norm: norm("level"), Heads: c.NumAttentionHeads, Dropout: c.AttentionProbsDropoutProb, OutputDropout: c.HiddenDropoutProb,
		},
		FFN: arch.FFN{In: linear("layer_norm.up", h, f), Out: linear("down", f, h), Activation: arch.GELUTanh, Norm: norm("dense"), Dropout: c.HiddenDropoutProb},
	}
}
