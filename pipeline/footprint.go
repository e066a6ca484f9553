package pipeline

import (
	"runtime"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
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

// memory foretells the memory of the stage: that of its largest model.
func (l parts) memory(base int) (m MemoryEstimate) {
	left := 0 // by the smaller models
	for _, p := range l {
		m = p.memory(base, left)
		left += m.Low - base
	}
	return m
}

// memory foretells the memory of the part, where so many bytes of garbage are left.
func (p *part) memory(base, left int) MemoryEstimate {
	params := bytesPerValue * len(p.params.Arena())
	if p.soft != nil {
		params += bytesPerValue * len(p.soft.R)
	}
	train, outgrown := p.training(&p.config, p.use)
	evaluate, more := p.evaluating()
	m := MemoryEstimate{Weights: params, Gradients: params, Moments: 2 * params,
		Activations: bytesPerValue * train, Evaluation: bytesPerValue * evaluate, Base: base}
	if p.masking != nil { // whose decoder is the word embeddings: see ops.Sum
		m.Gradients += bytesPerValue * (p.run.exp.Workers - 1) * p.config.VocabSize * p.config.HiddenSize
	}
	if p.teacher != nil {
		held, also := p.training(&p.teacher.config, teaching(p.use.Distil))
		m.Teacher, outgrown = bytesPerValue*(len(p.teacher.params.Arena())+held), outgrown+also
	}
	m.Low = m.Weights + m.Gradients + m.Moments + m.Activations + m.Evaluation + m.Teacher + m.Base
	m.High = m.Low + min(m.Low, left+bytesPerValue*(outgrown+more))
	return m
}

// training follows networks of c, one per worker, through the batches that the part
// trains on: the values they come to hold, and those of buffers that they outgrow.
func (p *part) training(c *arch.Config, use model.Use) (held, outgrown int) {
	g, n, net := make(workerBuffers, p.run.exp.Workers), p.stepsPerEpoch(), c.Net()
	for epoch := p.from / n; epoch*n < p.to; epoch++ {
		order := data.Order(len(p.task.train), p.seed(), epoch)
		for s := max(p.from, epoch*n); s < min(p.to, (epoch+1)*n); s++ {
			at := s % n * p.perStep()
			step := order[at:min(at+p.perStep(), len(order))]
			for batch := range slices.Chunk(step, p.conf.BatchSize) {
				for w, share := range split(p.task.train, batch, len(g)) {
					g[w].reach(p.activations(net, use, p.task.train, share))
				}
			}
		}
	}
	return g.sum()
}

// evaluating is training of the networks that evaluate.
func (p *part) evaluating() (held, outgrown int) {
	g, use, dev := make(workerBuffers, p.run.exp.Workers), p.use, p.task.dev
	use.Train = false
	batch, net := evalExamples(&p.config), p.config.Net()
	for i := 0; i*batch < len(dev); i++ {
		g[i%len(g)].reach(p.activations(net, use, dev, between(i*batch, min((i+1)*batch, len(dev)))))
	}
	return g.sum()
}

// activations are the values that a network holds at some examples of a set.
func (p *part) activations(n *arch.Net, use model.Use, set []data.Encoded, some []int) int {
	held := n.Activations(use.Pass(), lengthsAt(set, some), p.padTo)
	if n.Head.Masked {
		held += n.MaskedActivations(use.Train, int(p.terms(set, some)))
	}
	return held
}

func lengthsAt(set []data.Encoded, part []int) (lengths []int) {
	for _, at := range part {
		lengths = append(lengths, data.Lengths(set[at:at+1])...)
	}
	return lengths
}

// buffers are those of one network, which a batch that is larger than any before
// outgrows.
type buffers struct{ held, outgrown int }

func (b *buffers) reach(need int) {
	if grown := kernel.Grown(b.held, need); grown > b.held {
		b.held, b.outgrown = grown, b.outgrown+b.held
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

// diskOf foretells the run directory: every stage leaves its weights, and on its way
// it has a checkpoint of weights and moments.
func diskOf(t *task, all []parts) (d DiskEstimate, err error) {
	tokenizer, err := t.tok.JSON()
	vocabulary := len(tokenizer)
	for id := range t.tok.Size() {
		vocabulary += len(t.tok.Token(int32(id))) + 1
	}
	weights := 0
	for _, l := range all {
		last := l[len(l)-1]
		lines := last.total() / last.run.exp.LogEvery
		for _, p := range l {
			lines += p.evaluations()
		}
		weights = max(weights, bytesPerValue*len(last.params.Arena()))
		d.Left += bytesPerValue*len(last.params.Arena()) + vocabulary + smallFiles + logLine*lines
	}
	d.Peak = d.Left + 2*3*weights
	return d, err
}

// Bytes of a line of metrics.jsonl, and of the files of a stage that are small.
const (
	logLine    = 250
	smallFiles = 4 << 10
)
