package pipeline

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// Options say where and how a stage runs.
type Options struct {
	Dir       string // run directory; "" is runs/<name>
	Resume    bool   // go on from the checkpoint of an interrupted stage
	Overwrite bool   // discard what the stage and those after it left
	// MaxSteps, if above 0, makes a dry run: every stage stops after so many
	// steps, evaluates on as many batches, and writes to a directory of its own,
	// beside the real one, that each dry run overwrites.
	MaxSteps int
	Memory   uint64   // bytes that are available as the program begins; a stage that needs more is refused. 0: unknown
	Program  string   // version of the program, for experiment.yaml
	Report   Reporter // shown progress; nil shows none
	Log      *slog.Logger
	Crew     *train.Crew // other ranks of a job, which share each step; nil: alone
	Ranks    int         // for an estimate: how many processes will share each step; 0: as many as Crew has
	Hub      *hub.Client // finds models that are no directories here; nil: as the environment says
	Again    string      // advice in the error of an interruption on how to continue; "": go on with --resume

	read      *task  // the data, where another stage of the same data has read it
	candidate string // for a price, that stage 3 tries; "": none
	selecting bool   // the result is to choose by: dev is not looked at
	finetuned string // directory of stage 1, which several runs share; "": in Dir
	searched  string // directory of the search that stage 3 goes on from; "": in Dir
	prepared  bool   // what was left open is filled in
}

// SameCommand is Options.Again where the same command continues.
const SameCommand = "the same command goes on"

// again is how to go on after an interruption.
func (o *Options) again() string { return cmp.Or(o.Again, "go on with --resume") }

// ErrInterrupted tells that a stage was stopped on request, after saving.
var ErrInterrupted = train.ErrInterrupted

// A Reporter shows progress. Its methods may be called by several goroutines.
type Reporter interface {
	Report(train.Progress) // shows or leaves out a state of affairs
	Download(hub.Progress) // the same of a file that a model needs
	Close()                // ends what is shown, until the next report
}

// Watching is a context whose passes over texts show how far they are, as what a command
// reads, and nothing once they are over.
func Watching(ctx context.Context, r Reporter, command string) context.Context {
	return train.Watching(ctx, func(p train.Progress) {
		if r.Report(p); p.Step == p.Steps {
			r.Close()
		}
	}, command, "texts")
}

// silent reports to nobody.
type silent struct{}

func (silent) Report(train.Progress) {}
func (silent) Download(hub.Progress) {}
func (silent) Close()                {}

// prepare fills in what was left open.
func (o Options) prepare(e *configs.Experiment) Options {
	if o.prepared {
		return o
	}
	o.prepared = true
	if o.Dir == "" {
		o.Dir = rundir.Default(e.Name)
	}
	if o.MaxSteps > 0 {
		o.Dir, o.Overwrite = rundir.DryRun(o.Dir), true
	}
	if o.Report == nil {
		o.Report = silent{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	client := hub.FromEnv()
	if o.Hub != nil {
		*client = *o.Hub
	}
	client.Report, client.Log = o.Report.Download, o.Log
	o.Hub = client
	return o
}

// place is where the options have stages run.
func (o *Options) place() *rundir.Place {
	return &rundir.Place{Dir: o.Dir, Finetuned: o.finetuned, Searched: o.searched, Resume: o.Resume, Overwrite: o.Overwrite, MaxSteps: o.MaxSteps, Program: o.Program}
}

// A run is one call of the program for an experiment.
type run struct {
	Options
	exp   *configs.Experiment
	model string // the directory of the pretrained model that stage 1 starts from; "": random weights

	reading time.Duration // by stage 1's model before the first step
}

// A stage is what one of the three stages, pretraining or a student asks of the loop.
type stage struct {
	name      string
	learner   train.Learner
	retention string // of hard extraction: where its configuration comes from
}

// Where a retention configuration comes from, as result.json says it.
const (
	searchedRetention = "search"
	givenRetention    = "retrain.retention"
	givenStudent      = "retrain.student"
)
