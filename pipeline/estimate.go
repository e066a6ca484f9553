package pipeline

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

// An Estimate is what a run of an experiment will take.
type Estimate struct {
	Experiment string          `json:"experiment"`
	Workers    int             `json:"workers"`
	Train      int             `json:"train"`       // examples
	Dev        int             `json:"dev"`         // examples
	MaxLength  int             `json:"max_length"`  // N
	MeanLength float64         `json:"mean_length"` // of the training examples, after max_length has cut them
	Stages     []StageEstimate `json:"stages"`
	Seconds    *Range          `json:"seconds"` // of all stages; nil where nothing could be timed
	Disk       DiskEstimate    `json:"disk"`
	Note       string          `json:"note"` // what the times stand on, or why there are none
}

// A StageEstimate is what one stage will take.
type StageEstimate struct {
	Stage         string         `json:"stage"`
	Params        int            `json:"params"`
	StepsPerEpoch int            `json:"steps_per_epoch"`
	Steps         int            `json:"steps"`
	Work          Work           `json:"macs"`
	Memory        MemoryEstimate `json:"memory"`
	Seconds       *Range         `json:"seconds"` // nil where nothing could be timed
	Retention     []int          `json:"retention,omitempty"`
	// AtMost tells that a search has yet to find what the stage removes: it is
	// counted as if it removed nothing.
	AtMost bool `json:"at_most"`
}

// Work is multiply-adds. Those of Example are result.json's: a forward pass of the
// encoders in the mean of the dev set. The others count three forward passes for
// a training example, whose gradients take two, and the one of a teacher; Stage has
// the evaluations, too.
type Work struct {
	Example     MACs    `json:"example"`
	Step        float64 `json:"step"`
	Epoch       float64 `json:"epoch"`
	Stage       float64 `json:"stage"`
	StagePadded float64 `json:"stage_padded"` // if every input were padded to max_length
}

// A Range is a figure, with a low and a high one.
type Range struct {
	Likely float64 `json:"likely"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// NewEstimate foretells a run, without leaving anything behind but what it may have
// to fetch from the hub. It reads data and model as the first stage does, counts,
// and times some steps of each stage on its first batches if those fit into the
// available bytes of memory (0: unknown, and taken to be enough). A retention
// configuration that the experiment gives, or the run directory already holds, is
// used.
//
// Errors are those of Finetune before it trains.
func NewEstimate(ctx context.Context, e *configs.Experiment, o Options, available uint64) (*Estimate, error) {
	r := &run{Options: o.prepare(e), exp: e}
	t, err := loadTask(ctx, e, r.Options)
	if err != nil {
		return nil, err
	}
	if err := r.find(ctx); err != nil {
		return nil, err
	}
	base := inUse()
	config, params, err := r.firstWeights(t)
	if err != nil {
		return nil, err
	}
	out := &Estimate{Experiment: e.Name, Workers: e.Workers, Train: len(t.train), Dev: len(t.dev), MaxLength: e.Data.MaxLength, MeanLength: mean(data.Lengths(t.train))}
	if out.Disk, err = diskOf(e, t, len(params.Arena())); err != nil {
		return nil, err
	}
	plans := r.foresee(config, params)
	for _, s := range plans {
		p := &trainer{stepper: stepper{stage: s, padTo: t.padTo}, run: r, task: t}
		out.Stages = append(out.Stages, p.estimate(base))
	}
	return out, out.time(ctx, r, t, plans, available)
}

// foresee is what the stages will ask of the loop, over the same parameters.
func (r *run) foresee(c model.Config, p *model.Params[float32]) []stage {
	retrained := c
	known, err := r.configuration()
	if err == nil && len(known.Keep) == c.NumHiddenLayers && known.MaxLength == r.exp.Data.MaxLength {
		retrained.PowerRetention = known
	}
	last := r.retrainStage(retrained, p)
	if last.use.Distil.Soft > 0 {
		last.teacher = &teacher{config: c, params: p}
	}
	list := []stage{finetuneStage(r.exp, c, p), searchStage(r.exp, c, p), last}
	if r.given() {
		list = slices.Delete(list, 1, 2)
	}
	return list
}

// estimate counts what the stage of t will take; base is what memory holds before
// there are weights.
func (t *trainer) estimate(base int) StageEstimate {
	s := StageEstimate{Stage: t.name, Params: len(t.params.Arena()), StepsPerEpoch: t.stepsPerEpoch(), Steps: t.total(),
		Work: t.work(), Memory: t.memory(base)}
	if t.name == configs.StageRetrain {
		s.Retention, s.AtMost = t.use.Keep, t.use.Keep == nil
	}
	return s
}

// work counts multiply-adds.
func (t *trainer) work() Work {
	train, dev, n := data.Lengths(t.task.train), data.Lengths(t.task.dev), t.run.exp.Data.MaxLength
	epoch, epochs := t.learning(train, t.padTo), float64(t.conf.Epochs)
	return Work{
		Example: t.task.macs(&t.config, &t.use.Elimination, n),
		Step:    epoch / float64(t.stepsPerEpoch()), Epoch: epoch,
		Stage:       epochs * (epoch + t.passing(dev, t.padTo)),
		StagePadded: epochs * (t.learning(train, n) + t.passing(dev, n)),
	}
}

// passing is the multiply-adds of a forward pass over sequences of these lengths, each
// padded to padTo rows; 0 pads none.
func (t *trainer) passing(lengths []int, padTo int) float64 {
	return float64(len(lengths)) * t.config.MeanCost(model.Executed, &t.use.Elimination, lengths, padTo)
}

// learning is those of training on them, a teacher's included.
func (t *trainer) learning(lengths []int, padTo int) float64 {
	sum := 3 * t.passing(lengths, padTo)
	if t.teacher != nil {
		sum += float64(len(lengths)) * t.teacher.config.MeanCost(model.Executed, &model.Elimination{}, lengths, padTo)
	}
	return sum
}

// time adds the times, if the stages can be tried in the available memory.
func (e *Estimate) time(ctx context.Context, r *run, t *task, plans []stage, available uint64) error {
	all, steps, rates := &Range{}, 0, make([]rate, len(plans))
	for i, s := range plans {
		p := newProbe(r, t, s)
		if need := uint64(p.room()); available > 0 && need > available {
			e.Note = fmt.Sprintf("no times: to try a step takes %.1f GiB of memory, and %.1f GiB are available", gib(need), gib(available))
			return nil
		}
		if e.Stages[i].AtMost && s.teacher == nil { // it is the first stage's network
			rates[i] = rates[0]
		} else {
			r.Log.Info("timing", "stage", s.name, "examples", p.size)
			var err error
			if rates[i], err = p.measureRate(ctx); err != nil {
				return err
			}
			steps += len(rates[i].train)
			runtime.GC() // what the stage held makes room for the next
		}
		at := rates[i].stage(p)
		e.Stages[i].Seconds = &at
		all.add(at)
	}
	e.Seconds = all
	e.Note = fmt.Sprintf("times stand on %d steps on the first examples, in brackets those of the fast and the slow among them (p10, p90); files are left out", steps)
	return nil
}

func gib(bytes uint64) float64 { return float64(bytes) / (1 << 30) }

func (r *Range) add(s Range) {
	r.Likely, r.Low, r.High = r.Likely+s.Likely, r.Low+s.Low, r.High+s.High
}

func mean(values []int) float64 {
	sum := 0
	for _, v := range values {
		sum += v
	}
	return float64(sum) / float64(len(values))
}
