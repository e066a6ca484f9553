package estimate

import (
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
)

// Memory is what a stage holds at its largest batches, in bytes.
type Memory struct {
	Weights     int `json:"weights"`
	Gradients   int `json:"gradients"`
	Moments     int `json:"moments"`     // of Adam
	Activations int `json:"activations"` // of the networks that train, one per worker
	Evaluation  int `json:"evaluation"`  // of those that evaluate
	Teacher     int `json:"teacher"`     // weights of a teacher, and its networks where they run beside
	Base        int `json:"base"`        // the program, data and vocabulary: measured
	// Low is their sum. High adds the buffers that were outgrown, which the garbage
	// collector may leave until the heap has doubled.
	Low  int `json:"low"`
	High int `json:"high"`
}

// A Disk is the size of the run directory, in bytes: when the last stage is done, and at
// most on the way, for a checkpoint is written beside the one it replaces.
type Disk struct {
	Left int `json:"left"`
	Peak int `json:"peak"`
}

// bytesPerValue is the size of a weight.
const bytesPerValue = 4

// memory foretells the memory of the stage: that of its largest model.
func (l parts) memory(base int) (m Memory) {
	left := 0 // by the smaller models
	for _, p := range l {
		m = p.memory(base, left)
		left += m.Low - base
	}
	return m
}

// memory foretells the memory of the part, where so many bytes of garbage are left.
func (p *part) memory(base, left int) Memory {
	l := &p.Learner
	params := bytesPerValue * len(l.Params.Arena())
	if l.Soft != nil {
		params += bytesPerValue * len(l.Soft.R)
	}
	held, outgrown := p.training(&l.Config, l.Use)
	evaluate, more := p.evaluating()
	m := Memory{Weights: params, Gradients: params, Moments: 2 * params,
		Activations: bytesPerValue * held, Evaluation: bytesPerValue * evaluate, Base: base}
	if l.Masking != nil { // whose decoder is the word embeddings: see ops.Sum
		words := l.Config.Net().Embedding.Words
		m.Gradients += bytesPerValue * (p.Workers - 1) * words.Rows * words.Width
	}
	if l.Teacher != nil {
		m.Teacher = bytesPerValue * int(l.Teacher.Config.Net().Parameters())
		if !train.ReadsBefore(l.Use.Distil, p.Ranks) {
			held, also := p.training(&l.Teacher.Config, train.Teaching(l.Use.Distil))
			m.Teacher, outgrown = m.Teacher+bytesPerValue*held, outgrown+also
		}
	}
	m.Low = m.Weights + m.Gradients + m.Moments + m.Activations + m.Evaluation + m.Teacher + m.Base
	m.High = m.Low + min(m.Low, left+bytesPerValue*(outgrown+more))
	return m
}

// training follows networks of c, one per worker, through the batches that the part
// trains on: the values they come to hold, and those of buffers that they outgrow. Of
// several ranks they are those of rank 0, which evaluates, too.
func (p *part) training(c *arch.Config, use model.Use) (held, outgrown int) {
	g, batches, net := make(workerBuffers, p.Workers), p.Plan.Batches(), c.Net()
	for step := p.from; step < p.to; step++ {
		for batch := range slices.Chunk(batches.At(step), p.Plan.Batch) {
			shares := predict.Split(p.Examples.Train, batch, len(g)*max(p.Ranks, 1), p.Examples.PadTo)
			for w, share := range shares[:min(len(g), len(shares))] {
				g[w].reach(p.activations(net, use, p.Examples.Train, share))
			}
		}
	}
	return g.sum()
}

// evaluating is training of the networks that evaluate.
func (p *part) evaluating() (held, outgrown int) {
	g, use, dev := make(workerBuffers, p.Workers), p.Learner.Use, p.Examples.Chooses()
	use.Train = false
	batch, net := predict.BatchExamples(&p.Learner.Config), p.Learner.Config.Net()
	for i := 0; i*batch < len(dev); i++ {
		g[i%len(g)].reach(p.activations(net, use, dev, predict.Between(i*batch, min((i+1)*batch, len(dev)))))
	}
	return g.sum()
}

// activations are the values that a network holds at some examples of a set.
func (p *part) activations(n *arch.Net, use model.Use, set []data.Encoded, some []int) int {
	lengths := p.lengthsAt(set, some)
	if p.beyond(n, lengths) {
		return overflowing
	}
	held := n.Activations(use.Pass(), lengths, p.Examples.PadTo)
	if n.Head.Masked {
		held += n.MaskedActivations(use.Train, int(p.Learner.Terms(set, some)))
	}
	return held
}

// lengthsAt are the lengths of some examples of a set, cut where the setting is one to try.
func (s *Setting) lengthsAt(set []data.Encoded, part []int) (lengths []int) {
	for _, at := range part {
		for _, n := range data.Lengths(set[at : at+1]) {
			if s.cut > 0 {
				n = min(n, s.cut)
			}
			lengths = append(lengths, n)
		}
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

// diskOf foretells the run directory: every stage leaves its weights, and on its way
// it has a checkpoint of weights and moments.
func diskOf(s *Setting, all []parts) (d Disk, err error) {
	tokenizer, err := s.Tokenizer.JSON()
	vocabulary := len(tokenizer)
	for id := range s.Tokenizer.Size() {
		vocabulary += len(s.Tokenizer.Token(int32(id))) + 1
	}
	weights := 0
	for _, l := range all {
		last := l[len(l)-1]
		lines := last.Plan.Total() / s.LogEvery
		for _, p := range l {
			lines += p.Plan.Evaluations(p.from, p.to)
		}
		size := bytesPerValue * len(last.Learner.Params.Arena())
		weights = max(weights, size)
		d.Left += size + vocabulary + smallFiles + logLine*lines
	}
	d.Peak = d.Left + 2*3*weights
	return d, err
}

// Bytes of a line of metrics.jsonl, and of the files of a stage that are small.
const (
	logLine    = 250
	smallFiles = 4 << 10
)
