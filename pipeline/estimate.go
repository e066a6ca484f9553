package pipeline

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
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

// NewEstimate foretells the stages of a run, or the pretraining of an experiment that
// has texts and no task, without leaving anything behind but what it may have to fetch
// from the hub. It reads data and model as the first stage does, counts, and times
// some steps of each stage, at each size of a model that grows, on its first batches
// if those fit into the available bytes of memory (0: unknown, and taken to be
// enough). A retention configuration that the experiment gives, or the run directory
// already holds, is used.
//
// Errors are those of Finetune or Pretrain before they train.
func NewEstimate(ctx context.Context, e *configs.Experiment, o Options, available uint64) (*Estimate, error) {
	r := &run{Options: o.prepare(e), exp: e}
	load, foresee := loadTask, r.foreseeRun
	if e.Data.Task == "" && len(e.Pretrain.Texts) > 0 {
		load, foresee = loadCorpus, r.foreseePretraining
	}
	t, err := load(ctx, e, r.Options)
	if err != nil {
		return nil, err
	}
	if err := r.find(ctx); err != nil {
		return nil, err
	}
	base := inUse()
	plans, err := foresee(t)
	if err != nil {
		return nil, err
	}
	out := &Estimate{Experiment: e.Name, Workers: e.Workers, Train: len(t.train), Dev: len(t.dev), MaxLength: t.maxLength, MeanLength: mean(data.Lengths(t.train))}
	var all []parts
	for _, s := range plans {
		p := r.parts(t, s)
		all, out.Stages = append(all, p), append(out.Stages, p.estimate(base))
	}
	if out.Disk, err = diskOf(t, all); err != nil {
		return nil, err
	}
	return out, out.time(ctx, all, available)
}

// foreseePretraining is what pretraining will ask of the loop.
func (r *run) foreseePretraining(t *task) ([]stage, error) {
	s, err := planPretrain(r, t)
	return []stage{s}, err
}

// foreseeRun is what the stages of a run will ask of it, over the same parameters.
func (r *run) foreseeRun(t *task) ([]stage, error) {
	c, p, err := r.firstWeights(t)
	if err != nil {
		return nil, err
	}
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
	return list, nil
}

// time adds the times, if the stages can be tried in the available memory.
func (e *Estimate) time(ctx context.Context, all []parts, available uint64) error {
	total, steps, first := &Range{}, 0, rate{}
	for i, stage := range all {
		sum := &Range{}
		for _, part := range stage {
			p := newProbe(part)
			if need := uint64(p.room()); available > 0 && need > available {
				e.Note = fmt.Sprintf("no times: to try a step takes %.1f GiB of memory, and %.1f GiB are available", gib(need), gib(available))
				return nil
			}
			speed := first
			if !e.Stages[i].AtMost || p.teacher != nil { // else it is the first stage's network
				p.run.Log.Info("timing", "stage", p.name, "encoders", p.config.NumHiddenLayers, "examples", p.size)
				var err error
				if speed, err = p.measureRate(ctx); err != nil {
					return err
				}
				steps += len(speed.train)
				runtime.GC() // what the stage held makes room for the next
			}
			if i == 0 {
				first = speed
			}
			sum.add(speed.seconds(p))
		}
		e.Stages[i].Seconds = sum
		total.add(*sum)
	}
	e.Seconds = total
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
