package main

import (
	"math/rand/v2"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// figure1 is the retention configuration of Figure 1 of the paper, for N = 128; models here
// keep as much of inputs of any length.
var figure1 = []int{80, 73, 70, 50, 50, 40, 33, 27, 20, 15, 13, 3}

// config is the model of a size in a mode, without dropout: it is drawn differently by
// every program. Of 6 encoders each keeps what the second of two does in the paper.
func config(size, mode string) arch.Config {
	c := arch.DefaultBERT() // base
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	c.SetLabels([]string{"negative", "positive"})
	keep := figure1
	switch size {
	case "small":
		c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize = 128, 2, 512
	case "mini":
		c.NumHiddenLayers, c.HiddenSize, c.IntermediateSize = 6, 384, 1536
		keep = nil
		for j := 1; j < len(figure1); j += 2 {
			keep = append(keep, figure1[j])
		}
	}
	if mode == modePower {
		c.PowerRetention = &retention.Configuration{MaxLength: 128, Ranks: "relative", Keep: keep}
	}
	return c
}

// A Job tells a program a side and its work.
type Job struct {
	peer.Load
	Kind   string    `json:"kind"`
	Soft   bool      `json:"soft"`             // soft extraction, r = 1 at first
	Keep   []int     `json:"keep"`             // what PyTorch keeps of sequences; null: all
	IDs    [][]int32 `json:"ids,omitempty"`    // tokens of each sequence, all of one length, none padding
	Labels []int     `json:"labels,omitempty"` // of each sequence
	LR     float64   `json:"lr"`               // of AdamW, which decays weights by 0.01, norms and biases by nothing
	Lambda float64   `json:"lambda"`           // of the regulariser λ·Σ j·mass(j; r)
}

// job is the side's work, on the same tokens in every program, over a model's file.
func (s *Side) job(file, task string) Job {
	w := &s.Work
	j := Job{Kind: w.Kind, Soft: w.Mode == modeSoft, LR: 1e-6, Lambda: 1e-4,
		Load: peer.Load{Do: peer.DoLoad, Name: s.String() + " " + w.String(), Side: s.Program, Precision: s.Precision, File: file, Cores: w.Cores, Task: task}}
	if w.Kind == kindTexts {
		return j
	}
	random := rand.New(rand.NewPCG(1, uint64(w.Length)))
	for s := range w.Batch {
		j.IDs, j.Labels = append(j.IDs, randomIDs(random, w.Length)), append(j.Labels, s%2)
	}
	if e := w.elimination(); e.Keep != nil {
		for i := range e.Keep {
			scoring := e.Scoring(i)
			j.Keep = append(j.Keep, scoring.Rows(w.Length, w.Length))
		}
	}
	return j
}

// words is how many tokens the models know.
const words = 30522

// randomIDs draws the tokens of a sequence.
func randomIDs(random *rand.Rand, length int) []int32 {
	ids := make([]int32, length)
	for i := range ids {
		ids[i] = random.Int32N(words)
	}
	return ids
}

// elimination is how the work treats word-vectors.
func (w *Work) elimination() retention.Elimination {
	c := config(w.Size, w.Mode)
	e := c.Elimination()
	e.Soft = w.Mode == modeSoft
	return e
}

// multiplyAdds is how many our encoders execute for w, none known of texts. A backward pass
// counts as two forward passes.
func (w *Work) multiplyAdds() float64 {
	c := config(w.Size, w.Mode)
	switch w.Kind {
	case kindTexts:
		return 0
	case kindProducts:
		return float64(w.Batch * w.Length * c.NumHiddenLayers * c.HiddenSize * (4*c.HiddenSize + 2*c.IntermediateSize))
	}
	e, passes := w.elimination(), 1
	if w.Kind == kindStep {
		passes = 3
	}
	return float64(passes * w.Batch * c.Net().Cost(&e, w.Length, w.Length))
}
