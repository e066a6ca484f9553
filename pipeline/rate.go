package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/powerbert/powerbert/data"
)

// What is timed of a stage: steps of at most so many multiply-adds forward, but
// an example per worker; as many steps as fit the time, but so many.
const (
	probeMACs  = 4e10
	probeTime  = time.Second
	probeSteps = 2
)

// A probe tries what the steps and evaluations of a part of a stage take. Its steps are
// smaller where the stage's are too large to be tried.
type probe struct {
	part
	order []int // of the first epoch
	size  int   // examples of a step
}

func newProbe(of part) *probe {
	own := *of.trainer // which comes to hold networks
	of.trainer = &own
	p := &probe{part: of, order: data.Order(len(of.task.train), of.seed(), 0)}
	least, most := min(p.run.exp.Workers, len(p.order)), min(p.conf.BatchSize, len(p.order))
	for p.size = least; p.size < most && p.cost(p.order[:p.size+1]) <= probeMACs; p.size++ {
	}
	return p
}

// cost is the multiply-adds of a forward pass over some training examples.
func (p *probe) cost(part []int) float64 {
	return p.passing(lengthsAt(p.task.train, part), p.padTo)
}

// room is the bytes that the probe needs besides the weights.
func (p *probe) room() int {
	most, values := 0, 3*len(p.params.Arena())
	if p.teacher != nil {
		values += len(p.teacher.params.Arena())
	}
	for _, part := range p.batches() {
		need := p.activations(p.config.Net(), p.use, p.task.train, part)
		if p.teacher != nil {
			need += p.activations(p.teacher.config.Net(), teaching(p.use.Distil), p.task.train, part)
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
	train    []float64 // seconds per multiply-add of trainer.learning
	update   []float64 // seconds of the optimiser
	evaluate []float64 // seconds per multiply-add
}

// measureRate tries steps of the part, which leave the weights as they are.
func (p *probe) measureRate(ctx context.Context) (r rate, err error) {
	s := p.stage
	if s.teacher != nil {
		s.teacher = s.teacher.apart()
	}
	if p.stepper, err = newStepper(s, p.run.exp.Workers, p.padTo); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.stepper.close()) }()
	use := p.use
	use.Train = false
	if p.evals, err = newReplicas(p.run.exp.Workers, p.config, p.params, p.soft, use); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.evals.close()) }()
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
	lengths := lengthsAt(p.task.train, batch)
	start := time.Now()
	if _, err := p.gradients(p.task.train, batch, uint64(len(r.train))); err != nil {
		return err
	}
	trained := time.Now()
	if err := p.update(0); err != nil {
		return err
	}
	updated := time.Now()
	parts := split(p.task.train, batch, len(p.evals))
	err := each(len(parts), func(w int) error {
		p.fill(p.evals[w].Batch, p.task.train, parts[w], 0)
		return p.evals[w].Forward()
	})
	r.train = append(r.train, trained.Sub(start).Seconds()/p.learning(lengths, p.padTo))
	r.update = append(r.update, updated.Sub(trained).Seconds())
	r.evaluate = append(r.evaluate, time.Since(updated).Seconds()/p.passing(lengths, p.padTo))
	return err
}

// seconds is how long the part takes at this rate.
func (r *rate) seconds(p *probe) Range {
	all := spread(r.update).times(float64(p.to - p.from))
	all.add(spread(r.train).times(p.epochs() * p.learning(data.Lengths(p.task.train), p.padTo)))
	all.add(spread(r.evaluate).times(float64(p.evaluations()) * p.passing(data.Lengths(p.task.dev), p.padTo)))
	return all
}

// spread is the median of some measurements, between the 10th and the 90th percentile.
func spread(values []float64) Range {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return Range{Likely: (v[(n-1)/2] + v[n/2]) / 2, Low: v[n/10], High: v[n-1-n/10]}
}

func (r Range) times(n float64) Range { return Range{r.Likely * n, r.Low * n, r.High * n} }
