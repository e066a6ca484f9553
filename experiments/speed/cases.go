package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"

	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// A Case is what is timed: two or more sides, turn by turn.
type Case struct {
	Name  string
	Sides []Side // the first is compared with each of the others
}

// A Side is a program at a work.
type Side struct {
	Program string // "ours", "torch", "onnx" or "onednn"
	Work    Work
}

// A Work is forward passes, steps of training, or the products with weights of
// forward passes and nothing else, over one batch.
type Work struct {
	Kind          string // "forward", "step" or "products"
	Size          string // of the model
	Batch, Length int
	Mode          string // "dense", "soft" or "hard"
	Cores         int
}

// String is the name of the work, as in the tables.
func (w Work) String() string {
	return fmt.Sprintf("%s/%s/%dx%d/%s", w.Kind, w.Size, w.Batch, w.Length, w.Mode)
}

// cases lists all of them: ours beside the peers, then ours beside itself.
func cases() []Case {
	var list []Case
	beside := func(w Work, peers ...string) {
		c := Case{w.String(), []Side{{"ours", w}}}
		for _, p := range peers {
			c.Sides = append(c.Sides, Side{p, w})
		}
		list = append(list, c)
	}
	own := func(name string, first, second Work) {
		list = append(list, Case{"own/" + name, []Side{{"ours", first}, {"ours", second}}})
	}
	all := runtime.NumCPU()
	forward := func(batch int, mode string) Work { return Work{"forward", "base", batch, 128, mode, all} }
	step := func(mode string) Work { return Work{"step", "base", 8, 128, mode, all} }
	small := func(mode string) Work { return Work{"step", "small", 32, 64, mode, all} }
	for _, batch := range []int{8, 1} {
		beside(forward(batch, "dense"), "torch", "onnx")
		beside(forward(batch, "hard"), "torch", "onnx")
	}
	list = append(list, Case{"rate/base/8x128", []Side{{"ours", forward(8, "dense")}, {"onednn", Work{"products", "base", 8, 128, "dense", all}}}})
	beside(step("dense"), "torch")
	beside(step("soft"), "torch")
	beside(step("hard"), "torch")
	beside(small("dense"), "torch")
	beside(small("hard"), "torch")
	beside(Work{"step", "mini", 32, 64, "dense", all}, "torch")

	own("forward/8x128/dense:hard", forward(8, "dense"), forward(8, "hard"))
	own("forward/1x128/dense:hard", forward(1, "dense"), forward(1, "hard"))
	own("step/base/dense:hard", step("dense"), step("hard"))
	own("step/base/soft:dense", step("soft"), step("dense"))
	own("step/base/all-cores:one", step("dense"), step("dense").on(1))
	own("step/small/all-cores:one", small("dense"), small("dense").on(1))
	return list
}

func (w Work) on(cores int) Work {
	w.Cores = cores
	return w
}

// figure1 is the retention configuration of Figure 1 of the paper, for N = 128.
var figure1 = []int{80, 73, 70, 50, 50, 40, 33, 27, 20, 15, 13, 3}

// keep is the retention configuration of w: Figure 1, for shorter inputs in
// proportion; nil keeps all.
func (w Work) keep() []int {
	if w.Mode != "hard" {
		return nil
	}
	list := make([]int, len(figure1))
	for j, l := range figure1 {
		list[j] = max(1, l*w.Length/128)
	}
	return list
}

// config is the model of a size, without dropout: it is drawn differently by
// every program.
func config(size string) arch.Config {
	c := arch.DefaultConfig() // base
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	switch size {
	case "small":
		c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize = 128, 2, 512
	case "mini":
		c.NumHiddenLayers, c.HiddenSize, c.IntermediateSize = 6, 384, 1536
	}
	return c
}

// A Job tells a program its work: the first line it reads.
type Job struct {
	Model  string    `json:"model"`  // folder of config.json and model.safetensors; for onnx the file
	Train  bool      `json:"train"`  // steps of training; otherwise forward passes
	Soft   bool      `json:"soft"`   // soft extraction, r = 1 at first
	Keep   []int     `json:"keep"`   // hard extraction; null: none
	Cores  int       `json:"cores"`  // to use
	IDs    [][]int32 `json:"ids"`    // tokens of each sequence, all of one length, none padding
	Labels []int     `json:"labels"` // of each sequence
	LR     float64   `json:"lr"`     // of AdamW, which decays weights by 0.01, norms and biases by nothing
	Lambda float64   `json:"lambda"` // of the regulariser λ·Σ j·mass(j; r)
}

// job is w over the same tokens in every program.
func (w Work) job(path string) Job {
	j := Job{Model: path, Train: w.Kind == "step", Soft: w.Mode == "soft", Keep: w.keep(), Cores: w.Cores, LR: 1e-6, Lambda: 1e-4}
	random := rand.New(rand.NewPCG(1, uint64(w.Length)))
	for s := range w.Batch {
		ids := make([]int32, w.Length)
		for i := range ids {
			ids[i] = random.Int32N(30522)
		}
		j.IDs, j.Labels = append(j.IDs, ids), append(j.Labels, s%2)
	}
	return j
}

// elimination is how the job treats word-vectors.
func (j *Job) elimination() retention.Elimination {
	return retention.Elimination{Soft: j.Soft, Keep: j.Keep, Length: len(j.IDs[0]), Lambda: j.Lambda}
}

func (w Work) rows() int { return w.Batch * w.Length }

// multiplyAdds is how many our encoders execute for w. A backward pass counts
// as two forward passes.
func (w Work) multiplyAdds() float64 {
	c := config(w.Size)
	if w.Kind == "products" {
		return float64(w.rows() * c.NumHiddenLayers * c.HiddenSize * (4*c.HiddenSize + 2*c.IntermediateSize))
	}
	j := w.job("")
	e, passes := j.elimination(), 1
	if j.Train {
		passes = 3
	}
	return float64(passes * w.Batch * c.Net().Cost(arch.Executed, &e, w.Length, w.Length))
}
