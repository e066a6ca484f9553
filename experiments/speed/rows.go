package main

import (
	"fmt"
	"runtime"
	"strings"
)

// A Row is what is timed: sides, turn by turn. The first is compared with each of the
// others, and so is the one of ours in int8 that may come next.
type Row struct {
	Name  string
	Sides []Side
}

// A Side is a program at a work.
type Side struct {
	Program   string // "ours", "torch", or of peer.Runtimes "onnxruntime" or "openvino"
	Precision string // as the program has it; "", "f32": float32
	QDQ       bool   // the file is one of `train export --int8`, whose linear layers are in int8
	Work      Work
}

// Kinds of work.
const (
	kindForward  = "forward"  // forward passes over one batch
	kindStep     = "step"     // steps of training
	kindProducts = "products" // the products with weights of forward passes and nothing else
	kindTexts    = "texts"    // texts, from text to logits
)

// Modes of a model.
const (
	modeDense = "dense"
	modeSoft  = "soft"  // soft extraction
	modePower = "power" // hard extraction
)

// A Work is what a side does.
type Work struct {
	Kind          string
	Size          string // of the model
	Mode          string
	Batch, Length int    // of sequences; of texts Batch is their number
	Set           string // of texts: "sst2" or "imdb"
	Cores         int
}

// String is the name of the work, as in the tables.
func (w Work) String() string {
	what := fmt.Sprintf("%dx%d", w.Batch, w.Length)
	if w.Kind == kindTexts {
		what = w.Set
	}
	name := fmt.Sprintf("%s/%s/%s/%s", w.Kind, w.Size, what, w.Mode)
	if w.Cores == 1 && w.Kind != kindStep {
		name += "/one-core"
	}
	return name
}

// programs are the peers in their precisions, those of the files of `train export --int8`
// at the end.
var programs = []Side{
	{Program: "torch", Precision: "f32"}, {Program: "torch", Precision: "bf16"},
	{Program: "onnxruntime"}, {Program: "onnxruntime", Precision: "int8"},
	{Program: "openvino", Precision: "f32"}, {Program: "openvino", Precision: "bf16"},
	{Program: "openvino", Precision: "int8 f32"}, {Program: "openvino", Precision: "int8 bf16"},
	{Program: "onnxruntime", QDQ: true}, {Program: "openvino", Precision: "f32", QDQ: true},
}

// rows lists all of them, those of one model after one another: ours beside the peers in
// forward passes, then over texts, then in training, then ours beside itself.
func rows() (list []Row) {
	all := runtime.NumCPU()
	for _, size := range []string{"base", "mini"} {
		for _, mode := range []string{modeDense, modePower} {
			forward := func(batch, length, cores int) {
				list = append(list, beside(Work{Kind: kindForward, Size: size, Mode: mode, Batch: batch, Length: length, Cores: cores}, programs))
			}
			forward(1, 32, all)
			forward(1, 128, all)
			forward(8, 128, all)
			forward(32, 64, all)
			if all > 1 {
				forward(1, 128, 1)
			}
		}
	}
	return append(append(append(append(list, texts(all)...), training(all)...), trainingBF16(all)...), itself(all)...)
}

// beside is ours at a work in both precisions, and others at it.
func beside(w Work, others []Side) Row {
	r := Row{w.String(), []Side{{Program: "ours", Work: w}, {Program: "ours", Precision: "int8", Work: w}}}
	for _, s := range others {
		s.Work = w
		r.Sides = append(r.Sides, s)
	}
	return r
}

// texts are the rows of real texts, of those peers and precisions that front measures too.
func texts(cores int) (list []Row) {
	for _, w := range []Work{{Size: "base", Set: "sst2", Batch: 50}, {Size: "mini", Set: "sst2", Batch: 200}, {Size: "mini", Set: "imdb", Batch: 32}} {
		for _, w.Mode = range []string{modeDense, modePower} {
			w.Kind, w.Cores = kindTexts, cores
			list = append(list, beside(w, programs[2:8]))
		}
	}
	return list
}

// training is steps beside PyTorch's.
func training(cores int) (list []Row) {
	for _, w := range []Work{
		{Size: "base", Mode: modeDense, Batch: 8, Length: 128}, {Size: "base", Mode: modeSoft, Batch: 8, Length: 128},
		{Size: "base", Mode: modePower, Batch: 8, Length: 128}, {Size: "small", Mode: modeDense, Batch: 32, Length: 64},
		{Size: "small", Mode: modePower, Batch: 32, Length: 64}, {Size: "mini", Mode: modeDense, Batch: 32, Length: 64},
	} {
		w.Kind, w.Cores = kindStep, cores
		list = append(list, Row{w.String(), []Side{{Program: "ours", Work: w}, {Program: "torch", Work: w}}})
	}
	return list
}

// trainingBF16 is steps whose linear layers read bfloat16, beside those of float32 and PyTorch's
// under autocast.
func trainingBF16(cores int) (list []Row) {
	for _, w := range []Work{
		{Size: "base", Mode: modeDense, Batch: 8, Length: 128}, {Size: "base", Mode: modeSoft, Batch: 8, Length: 128},
		{Size: "base", Mode: modePower, Batch: 8, Length: 128}, {Size: "mini", Mode: modeDense, Batch: 32, Length: 64},
	} {
		w.Kind, w.Cores = kindStep, cores
		list = append(list, Row{"bf16/" + w.String(), []Side{{Program: "ours", Precision: "bf16", Work: w}, {Program: "ours", Work: w}, {Program: "torch", Precision: "bf16", Work: w}}})
	}
	return list
}

// itself is ours beside its own: the four corners of a model, dense or not, in float32 or
// int8; a whole pass beside its products with weights alone, which oneDNN multiplies; what
// elimination does to a step, and what more cores do.
func itself(cores int) (list []Row) {
	for _, size := range []string{"base", "mini"} {
		for _, shape := range [][2]int{{1, 32}, {1, 128}, {8, 128}, {32, 64}} {
			r := Row{Name: fmt.Sprintf("own/forward/%s/%dx%d", size, shape[0], shape[1])}
			for _, mode := range []string{modeDense, modePower} {
				w := Work{Kind: kindForward, Size: size, Mode: mode, Batch: shape[0], Length: shape[1], Cores: cores}
				r.Sides = append(r.Sides, Side{Program: "ours", Work: w}, Side{Program: "ours", Precision: "int8", Work: w})
			}
			list = append(list, r)
		}
	}
	whole := Work{Kind: kindForward, Size: "base", Mode: modeDense, Batch: 8, Length: 128, Cores: cores}
	products := whole
	products.Kind = kindProducts
	own := func(name string, first, second Work) {
		list = append(list, Row{"own/step/" + name, []Side{{Program: "ours", Work: first}, {Program: "ours", Work: second}}})
	}
	step := func(size, mode string, batch, length, cores int) Work {
		return Work{Kind: kindStep, Size: size, Mode: mode, Batch: batch, Length: length, Cores: cores}
	}
	list = append(list, Row{"rate/base/8x128", []Side{{Program: "ours", Work: whole}, {Program: "torch", Work: products}}})
	own("base/dense:power", step("base", modeDense, 8, 128, cores), step("base", modePower, 8, 128, cores))
	own("small/all-cores:one", step("small", modeDense, 32, 64, cores), step("small", modeDense, 32, 64, 1))
	return list
}

// int8 tells whether linear layers of a side multiply bytes.
func (s *Side) int8() bool { return s.QDQ || strings.HasPrefix(s.Precision, "int8") }

// float tells whether all of a side is in float32.
func (s *Side) float() bool { return !s.int8() && s.Precision != "bf16" }

// String is the side's name in the tables.
func (s Side) String() string {
	name := map[string]string{"ours": "powerbert", "torch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}[s.Program]
	switch {
	case s.QDQ:
		name += " int8 of our export"
	case s.int8():
		name += " int8"
	case s.Precision == "bf16":
		return name + " bfloat16"
	default:
		return name + " float32"
	}
	if strings.HasSuffix(s.Precision, "bf16") {
		name += ", the rest bfloat16"
	}
	return name
}
