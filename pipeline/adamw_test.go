package pipeline

import (
	"fmt"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/optim"
)

// Three steps of AdamW on the dense golden model come to PyTorch's weights, loss
// by loss. Only float64 can: the gradients of the key biases are 0 but for
// rounding, which Adam turns into whole steps.
func TestGoldenSteps(t *testing.T) {
	for name, load := range map[string]gradcheck.Load{"own": gradcheck.Golden, "reference": gradcheck.Reference} {
		t.Run(name, func(t *testing.T) { goldenSteps(t, load) })
	}
}

func goldenSteps(t *testing.T, load gradcheck.Load) {
	want, inputs := load(t, "adamw"), load(t, "inputs")
	params := goldenParams(t, load(t, "weights"))
	net, err := model.NewNet(params.config, params.Params, nil, model.Use{Train: true})
	if err != nil {
		t.Fatal(err)
	}
	fillGolden(t, inputs, net.Batch)
	grad, err := model.NewGradients(net)
	if err != nil {
		t.Fatal(err)
	}
	// The golden steps decay every parameter, norms and biases too.
	opt := optim.NewAdamW(optim.Config{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}, optim.Group[float64]{
		LR: 1e-3, WeightDecay: 0.01, Params: []*optim.Param[float64]{{Name: "theta", Value: params.Arena(), Grad: grad.Theta}},
	})
	for step := 1; step <= 3; step++ {
		if err := grad.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
		gradcheck.Match(t, want, fmt.Sprintf("loss_before_step.%d", step), []float64{net.TaskLoss()}, gradcheck.Tolerance64)
		if err := opt.Step(); err != nil {
			t.Fatal(err)
		}
		if step != 2 {
			params.match(t, want.Sub(fmt.Sprintf("step%d", step)))
		}
	}
}

// goldenModel is the model of the golden cases.
type goldenModel struct {
	*model.Params[float64]
	config arch.Config
}

func goldenParams(t *testing.T, weights gradcheck.Case) goldenModel {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = 50, 16, 2, 2
	c.IntermediateSize, c.MaxPositionEmbeddings = 32, 16
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	p := model.NewParams[float64](c)
	for _, tensor := range p.Tensors() {
		copy(p.Slice(tensor.Name), weights.Floats(t, tensor.Name))
	}
	return goldenModel{p, c}
}

func (m goldenModel) match(t *testing.T, want gradcheck.Case) {
	t.Helper()
	for _, tensor := range m.Tensors() {
		gradcheck.Match(t, want, tensor.Name, m.Slice(tensor.Name), gradcheck.Tolerance64)
	}
}

// fillGolden puts the golden sequences, of 8, 5 and 3 tokens, into a batch.
func fillGolden(t *testing.T, inputs gradcheck.Case, b *model.Batch) {
	ids, mask, types, labels := inputs.Ints(t, "input_ids"), inputs.Ints(t, "attention_mask"), inputs.Ints(t, "token_type_ids"), inputs.Ints(t, "labels")
	const length = 8
	for s, label := range labels {
		var id, typ []int32
		for i := s * length; i < (s+1)*length; i++ {
			if mask[i] == 1 {
				id, typ = append(id, int32(ids[i])), append(typ, int32(types[i]))
			}
		}
		b.AddSequence(id, typ, 0, label)
	}
	b.Weight = 1 / float64(len(labels))
}
