package pipeline

import (
	"runtime"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

// A MemoryEstimate is what a stage holds in memory at its largest batches, in
// bytes.
type MemoryEstimate struct {
	Weights     int `json:"weights"`
	Gradients   int `json:"gradients"`
	Moments     int `json:"moments"`     // of Adam
	Activations int `json:"activations"` // of the networks that train, one per worker
	Evaluation  int `json:"evaluation"`  // of those that evaluate
	Teacher     int `json:"teacher"`     // weights and networks of a teacher
	Base        int `json:"base"`        // the program, data and vocabulary: measured
	// Low is their sum. High adds the buffers that were outgrown, which the garbage
	// collector may leave until the heap has doubled.
	Low  int `json:"low"`
	High int `json:"high"`
}

// A DiskEstimate is the size of the run directory, in bytes: when the last stage
// is done, and at most on the way, for a checkpoint is written beside the one it
// replaces.
type DiskEstimate struct {
	Left int `json:"left"`
	Peak int `json:"peak"`
}

// bytesPerValue is the size of a weight.
const bytesPerValue = 4

// memory foretells the memory of the stage of t.
func (t *trainer) memory(base int) MemoryEstimate {
	params := bytesPerValue * len(t.params.Arena())
	if t.soft != nil {
		params += bytesPerValue * len(t.soft.R)
	}
	train, outgrown := t.training(&t.config, t.use)
	evaluate, more := t.evaluating()
	m := MemoryEstimate{Weights: params, Gradients: params, Moments: 2 * params,
		Activations: bytesPerValue * train, Evaluation: bytesPerValue * evaluate, Base: base}
	if t.teacher != nil {
		held, also := t.training(&t.teacher.config, teaching(t.use.Distil))
		m.Teacher, outgrown = bytesPerValue*(len(t.teacher.params.Arena())+held), outgrown+also
	}
	m.Low = m.Weights + m.Gradients + m.Moments + m.Activations + m.Evaluation + m.Teacher + m.Base
	m.High = m.Low + min(m.Low, bytesPerValue*(outgrown+more))
	return m
}

// training follows networks of c, one per worker, through the batches that the stage
// trains on: the values they come to hold, and those of buffers that they outgrow.
func (t *trainer) training(c *model.Config, use model.Use) (held, outgrown int) {
	g := make(workerBuffers, t.run.exp.Workers)
	for epoch := range t.conf.Epochs {
		order := data.Order(len(t.task.train), t.seed(), epoch)
		for from := 0; from < len(order); from += t.perStep() {
			step := order[from:min(from+t.perStep(), len(order))]
			for len(step) > 0 {
				batch := step[:min(t.conf.BatchSize, len(step))]
				for w, part := range split(t.task.train, batch, len(g)) {
					g[w].reach(c.Activations(use, lengthsAt(t.task.train, part), t.padTo))
				}
				step = step[len(batch):]
			}
		}
	}
	return g.sum()
}

// evaluating is training of the networks that evaluate.
func (t *trainer) evaluating() (held, outgrown int) {
	g, use := make(workerBuffers, t.run.exp.Workers), t.use
	use.Train = false
	lengths, options := data.Lengths(t.task.dev), t.config.Options()
	batch := options * max(evalBatch/options, 1)
	for i := 0; i*batch < len(lengths); i++ {
		g[i%len(g)].reach(t.config.Activations(use, lengths[i*batch:min((i+1)*batch, len(lengths))], t.padTo))
	}
	return g.sum()
}

func lengthsAt(set []data.Encoded, part []int) (lengths []int) {
	for _, at := range part {
		lengths = append(lengths, data.Lengths(set[at:at+1])...)
	}
	return lengths
}

// buffers are those of one network: a batch that is larger than any before takes
// new ones, with a quarter to spare after the first.
type buffers struct{ held, outgrown int }

func (b *buffers) reach(need int) {
	switch {
	case need <= b.held:
	case b.held == 0:
		b.held = need
	default:
		b.held, b.outgrown = need+need/4, b.outgrown+b.held
	}
}

// workerBuffers are those of the networks of all workers.
type workerBuffers []buffers

func (g workerBuffers) sum() (held, outgrown int) {
	for _, b := range g {
		held, outgrown = held+b.held, outgrown+b.outgrown
	}
	return held, outgrown
}

// inUse is the bytes that the program holds now.
func inUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.Sys - m.HeapSys)
}

// diskOf foretells the run directory of a model of so many parameters: every stage
// leaves its weights, and on its way it has a checkpoint of weights and moments.
func diskOf(e *configs.Experiment, t *task, params int) (DiskEstimate, error) {
	weights, log := bytesPerValue*params, 0
	for _, s := range []configs.Stage{e.Finetune, e.Search.Stage, e.Retrain.Stage} {
		steps := s.Epochs * ((len(t.train) + s.BatchSize*s.Accumulate - 1) / (s.BatchSize * s.Accumulate))
		log += logLine * (steps/e.LogEvery + s.Epochs)
	}
	tokenizer, err := t.tok.JSON()
	vocabulary := len(tokenizer)
	for id := range t.tok.Size() {
		vocabulary += len(t.tok.Token(int32(id))) + 1
	}
	left := len(stages)*(weights+vocabulary+smallFiles) + log
	return DiskEstimate{Left: left, Peak: left + 2*3*weights}, err
}

// Bytes of a line of metrics.jsonl, and of the files of a stage that are small.
const (
	logLine    = 250
	smallFiles = 4 << 10
)
