package train

import (
	"fmt"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
)

// A job is what a stepper is made of, but for examples, weights and moments. Rank 0 tells it
// as JSON, which knows a pointer to 0 from none.
type job struct {
	Arithmetic string // of rank 0's machine
	Config     arch.Config
	Use        model.Use
	Length     int           // of r; 0: there is none
	Masking    *data.Masking // nil: it learns a task
	Teacher    *arch.Config  // nil: none
	Follows    []int         // of the teacher
	Plan       plan.Plan     // as far as a stepper follows it
	Workers    int           // of each rank
	Bucket     int           // gradients that are summed at once
	PadTo      int           // as Examples has it
	Remembers  bool          // as Stepper has it
	Step       int           // optimiser steps done
}

// jobOf is what a stepper is made of.
func jobOf(s *Stepper) job {
	l, p := &s.learner, s.plan
	p.Groups = nil // of examples: batches are told
	j := job{Arithmetic: kernel.Arithmetic(), Config: l.Config, Use: l.Use, Masking: l.Masking, Plan: p,
		Workers: len(s.nets), PadTo: s.padTo, Remembers: s.Remembers, Step: s.opt.State().Step}
	if l.Soft != nil {
		j.Length = l.Soft.Length
	}
	if l.Teacher != nil {
		j.Teacher, j.Follows = &l.Teacher.Config, l.Teacher.Follows
	}
	return j
}

// stepper is one of the job, but for weights and moments.
func (j *job) stepper() (*Stepper, error) {
	if own := kernel.Arithmetic(); own != j.Arithmetic {
		return nil, fmt.Errorf("this machine computes with %s, but that of rank 0 with %s; run on machines of one kind", own, j.Arithmetic)
	}
	s, err := NewStepper(j.learner(), j.Plan, j.Workers, j.PadTo)
	if err != nil {
		return nil, err
	}
	s.Remembers = j.Remembers
	state := s.opt.State()
	state.Step = j.Step
	return s, s.opt.SetState(state)
}

// learner is the one of a job, of no weights yet.
func (j *job) learner() Learner {
	l := Learner{Config: j.Config, Params: model.NewParams[float32](j.Config), Use: j.Use, Masking: j.Masking}
	if j.Length > 0 {
		l.Soft = model.NewSoftExtract[float32](j.Config.NumHiddenLayers, j.Length)
	}
	if j.Teacher != nil {
		l.Teacher = &Teacher{Config: *j.Teacher, Frozen: model.NewParams[float32](*j.Teacher).Freeze(), Follows: j.Follows}
	}
	return l
}
