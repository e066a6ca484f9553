package estimate

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/retention"
)

// An Estimate is what a run of an experiment will take.
type Estimate struct {
	Experiment string   `json:"experiment"`
	Workers    int      `json:"workers"`
	Ranks      int      `json:"ranks,omitempty"`      // that share each step; memory is then rank 0's, which needs most, and times are those of one process
	Train      int      `json:"train"`                // examples
	Dev        int      `json:"dev"`                  // examples
	Unlabelled int      `json:"unlabelled,omitempty"` // texts without labels
	MaxLength  int      `json:"max_length"`           // N
	MeanLength float64  `json:"mean_length"`          // of the training examples, after max_length has cut them
	Stages     []Stage  `json:"stages"`
	Seconds    *Seconds `json:"seconds"` // of all stages; nil where nothing could be timed
	Disk       Disk     `json:"disk"`
	Note       string   `json:"note"`             // what the times stand on, or why there are none
	Faster     string   `json:"faster,omitempty"` // how the stages could take less time on this machine
}

// A Stage is what one stage will take.
type Stage struct {
	Stage         string   `json:"stage"`
	Section       string   `json:"section"` // of the experiment, with its settings
	Params        int      `json:"params"`
	StepsPerEpoch int      `json:"steps_per_epoch"`
	Steps         int      `json:"steps"`
	Travel        float64  `json:"travel,omitempty"` // of a search: how far r can move, of 1
	Work          Work     `json:"macs"`
	Memory        Memory   `json:"memory"`
	Seconds       *Seconds `json:"seconds"` // nil where nothing could be timed
	Retention     []int    `json:"retention,omitempty"`
	// AtMost tells that a search has yet to find what the stage removes: it is
	// counted as if it removed nothing.
	AtMost bool `json:"at_most"`
}

// A Task is one stage as it is to be estimated.
type Task struct {
	Plan    plan.Plan
	Learner train.Learner
	Also    []data.Encoded // what it learns from behind the training examples; nil: nothing
}

// A Setting is what the stages of a run have in common.
type Setting struct {
	Experiment string
	Tokenizer  tokenizer.Tokenizer
	Examples   train.Examples
	Unlabelled int // texts without labels that some stages learn from
	MaxLength  int
	Workers    int
	Ranks      int // that share each step, of so many workers each; 0: one process
	LogEvery   int
	Log        *slog.Logger

	cut int // tokens that examples are taken to be cut to; 0: as they are
}

// InUse is the bytes that the program holds now: what Of needs to know of the time
// before there were weights.
func InUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.Sys - m.HeapSys)
}

// Of estimates stages that follow one another over the same parameters. It counts, and
// times some steps of each stage, at each size of a model that grows, on its first
// batches if those fit into the available bytes of memory (0: unknown, and taken to be
// enough). base is what InUse gave before the weights were loaded.
func Of(ctx context.Context, s *Setting, stages []Task, base int, available uint64) (*Estimate, error) {
	out := &Estimate{Experiment: s.Experiment, Workers: s.Workers, Ranks: s.Ranks, Train: len(s.Examples.Train), Dev: len(s.Examples.Dev), Unlabelled: s.Unlabelled,
		MaxLength: s.MaxLength, MeanLength: data.MeanLength(s.Examples.Train)}
	var all []parts
	for _, stage := range stages {
		p := s.parts(stage)
		counted := p.estimate(base)
		if before := out.Stages; len(before) > 0 && counted.Params != before[0].Params {
			counted.AtMost = false // a smaller model is known
		}
		all, out.Stages = append(all, p), append(out.Stages, counted)
	}
	var err error
	if out.Disk, err = diskOf(s, all); err != nil {
		return nil, err
	}
	return out, out.time(ctx, s, all, available)
}

// time adds the times, if the stages can be tried in the available memory.
func (e *Estimate) time(ctx context.Context, s *Setting, all []parts, available uint64) error {
	learner := all[0][0].Learner
	learner.WarnOfPrecision(s.Log)
	total, steps, first := &Seconds{}, 0, rate{}
	for i, stage := range all {
		sum := &Seconds{}
		for _, part := range stage {
			p := newProbe(part)
			if need := uint64(p.room()); available > 0 && need > available {
				e.Note = fmt.Sprintf("no times: to try a step takes %s of memory, and %s are available", text.Gibibytes(need), text.Gibibytes(available))
				return nil
			}
			speed := first
			if !e.Stages[i].AtMost || p.Learner.Teacher != nil { // else it is the first stage's network
				s.Log.Info("timing", "stage", p.Plan.Stage, "encoders", p.Learner.Config.NumHiddenLayers, "examples", p.size)
				var err error
				if speed, err = p.measure(ctx); err != nil {
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
	e.Seconds, e.Faster = total, faster(learner, kernel.BF16Pays())
	e.Note = fmt.Sprintf("times stand on %d steps on the first examples, in brackets those of the fast and the slow among them (p10, p90); files are left out", steps)
	return nil
}

// leastBF16Width is the width of the smallest encoder whose steps were measured in bfloat16.
const leastBF16Width = 384

// faster is what to do where the processor has products that a learner does not use.
func faster(l train.Learner, bf16 bool) string {
	if l.Use.Precision != kernel.Float32 || !bf16 || l.Config.HiddenSize < leastBF16Width {
		return ""
	}
	return "this processor multiplies bfloat16: with precision: bf16 a step takes about 0.6 of its time (docs/speed.md)"
}

// MACs are the mean multiply-adds of the encoders per example, as executed, under a way
// of elimination.
func MACs(c *arch.Config, e *retention.Elimination, examples []data.Encoded, maxLength int) rundir.MACs {
	lengths, net := data.Lengths(examples), c.Net()
	perExample := float64(len(lengths)) / float64(len(examples))
	return rundir.MACs{Convention: rundir.Executed, Padded: perExample * net.MeanCost(e, lengths, maxLength), Real: perExample * net.MeanCost(e, lengths, 0)}
}

// estimate counts what the stage will take; base is what memory holds before there
// are weights.
func (l parts) estimate(base int) Stage {
	p := l[len(l)-1]
	s := Stage{Stage: p.Plan.Stage, Section: p.Plan.Section, Params: len(p.Learner.Params.Arena()), StepsPerEpoch: p.Plan.StepsPerEpoch(), Steps: p.Plan.Total(),
		Work: l.work(), Memory: l.memory(base)}
	switch p.Plan.Stage {
	case configs.StageSearch:
		s.Travel = p.Plan.Travel()
	case configs.StageRetrain:
		s.Retention, s.AtMost = p.Learner.Use.Keep, p.Learner.Use.Keep == nil
	}
	return s
}
