package estimate

import (
	"context"
	"slices"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
)

// What is timed of a stage: steps of at most so many multiply-adds forward, but
// an example per worker; as many steps as fit the time, but so many.
const (
	probeMACs  = 4e10
	probeTime  = time.Second / 2
	probeSteps = 2
)

// Seconds is a time, with a low and a high one.
type Seconds struct {
	Likely float64 `json:"likely"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

func (s *Seconds) add(o Seconds) {
	s.Likely, s.Low, s.High = s.Likely+o.Likely, s.Low+o.Low, s.High+o.High
}

func (s Seconds) times(n float64) Seconds { return Seconds{s.Likely * n, s.Low * n, s.High * n} }

// spread is the median of some measurements, between the 10th and the 90th percentile.
func spread(values []float64) Seconds {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return Seconds{Likely: metric.Median(v), Low: v[n/10], High: v[n-1-n/10]}
}

// A probe tries what the steps and evaluations of a part of a stage take. Its steps are
// smaller where the stage's are too large to be tried.
type probe struct {
	part
	order []int // of the first epoch
	size  int   // examples of a step
	steps *train.Stepper
	evals predict.Replicas
}

func newProbe(of part) *probe {
	p := &probe{part: of, order: data.Order(of.Plan.Train, of.Plan.Seed, 0)}
	least, most := min(p.Workers, len(p.order)), min(p.Plan.Batch, len(p.order))
	for p.size = least; p.size < most && p.cost(p.order[:p.size+1]) <= probeMACs; p.size++ {
	}
	return p
}

// cost is the multiply-adds of a forward pass over some training examples.
func (p *probe) cost(part []int) float64 {
	return p.forwardMACs(p.lengthsAt(p.Examples.Train, part), p.Examples.PadTo)
}

// room is the bytes that the probe needs besides the weights.
func (p *probe) room() int {
	l := &p.Learner
	most, values := 0, 3*len(l.Params.Arena())
	if l.Teacher != nil {
		values += len(l.Teacher.Params.Arena())
	}
	for _, part := range p.batches() {
		need := p.activations(l.Config.Net(), l.Use, p.Examples.Train, part)
		if l.Teacher != nil {
			need += p.activations(l.Teacher.Config.Net(), train.Teaching(l.Use.Distil), p.Examples.Train, part)
		}
		most = max(most, need)
	}
	return bytesPerValue * (values + 2*most)
}

// batches are the examples of the steps that are tried.
func (p *probe) batches() [][]int {
	return slices.Collect(slices.Chunk(p.order[:len(p.order)/p.size*p.size], p.size))
}

// rate is how fast a part of a stage goes on this machine, a measurement per step.
type rate struct {
	train    []float64 // seconds per multiply-add of part.learning
	update   []float64 // seconds of the optimiser
	evaluate []float64 // seconds per multiply-add
}

// measure tries steps of the part, which leave the weights as they are.
func (p *probe) measure(ctx context.Context) (r rate, err error) {
	l := p.Learner
	if l.Teacher != nil {
		l.Teacher = l.Teacher.Apart()
	}
	if p.steps, err = train.NewStepper(l, p.Plan, p.Workers, p.Examples.PadTo); err != nil {
		return r, err
	}
	if p.evals, err = l.Evaluators(p.Workers); err != nil {
		return r, err
	}
	batches := p.batches()
	if err := p.try(batches[len(batches)-1], &rate{}); err != nil { // takes memory, which is not timed
		return r, err
	}
	for start := time.Now(); len(r.train) < probeSteps || time.Since(start) < probeTime; {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if err := p.try(batches[len(r.train)%len(batches)], &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// try times a step, and a forward pass of the networks that evaluate.
func (p *probe) try(batch []int, r *rate) error {
	set, lengths := p.Examples.Train, p.lengthsAt(p.Examples.Train, batch)
	start := time.Now()
	if _, err := p.steps.Gradients(set, batch, uint64(len(r.train))); err != nil {
		return err
	}
	trained := time.Now()
	if err := p.steps.Update(0); err != nil {
		return err
	}
	updated := time.Now()
	parts := predict.Split(set, batch, len(p.evals), p.Examples.PadTo)
	err := predict.Each(len(parts), func(w int) error {
		p.steps.Fill(p.evals[w].Batch, set, parts[w], 0)
		return p.evals[w].Forward()
	})
	r.train = append(r.train, trained.Sub(start).Seconds()/p.trainingMACs(1, lengths, p.Examples.PadTo))
	r.update = append(r.update, updated.Sub(trained).Seconds())
	r.evaluate = append(r.evaluate, time.Since(updated).Seconds()/p.forwardMACs(lengths, p.Examples.PadTo))
	return err
}

// seconds is how long the part takes at this rate.
func (r *rate) seconds(p *probe) Seconds {
	all, padTo := spread(r.update).times(float64(p.to-p.from)), p.Examples.PadTo
	all.add(spread(r.train).times(p.trainingMACs(p.Plan.Epoch(p.to-p.from), data.Lengths(p.Examples.Train), padTo)))
	all.add(spread(r.evaluate).times(float64(p.Plan.Evaluations(p.from, p.to)) * p.evaluationMACs(data.Lengths(p.Examples.Chooses()), padTo)))
	return all
}
