package pipeline

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/hub"
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
	Program  string   // version of the program, for experiment.yaml
	Report   Reporter // shown progress; nil shows none
	Log      *slog.Logger
	Hub      *hub.Client // finds models that are no directories here; nil: as the environment says
	Again    string      // how to go on after an interruption, as its error says; "": with --resume

	finetuned string // directory of stage 1, which several runs share; "": in Dir
	prepared  bool   // what was left open is filled in
}

// dryRun ends the name of the directory of a dry run.
const dryRun = ".dry"

// SameCommand is Options.Again of what goes on by itself.
const SameCommand = "the same command goes on"

// ErrInterrupted tells that a stage was stopped on request, after saving.
var ErrInterrupted = errors.New("interrupted")

// A StateError tells that the run directory is not in a state that allows what
// was asked for, and what to do about it.
type StateError struct {
	Dir, Problem string
}

func (e *StateError) Error() string { return e.Dir + ": " + e.Problem }

func stateErrorf(dir, format string, args ...any) error {
	return &StateError{dir, fmt.Sprintf(format, args...)}
}

// prepare fills in what was left open.
func (o Options) prepare(e *configs.Experiment) Options {
	if o.prepared {
		return o
	}
	o.prepared = true
	if o.Dir == "" {
		o.Dir = filepath.Join("runs", e.Name)
	}
	if o.MaxSteps > 0 {
		o.Dir = named(o.Dir) + dryRun
		o.Overwrite = true
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

// lacks is the error of a run directory without a complete stage, and how to get it.
func (o *Options) lacks(stage string) error {
	command := "train " + stage + " CONFIG"
	if method, layers, student := configs.ParseStudent(stage); student {
		command = fmt.Sprintf("train distil CONFIG --method %s --layers %d", method, layers)
	}
	command += " --out " + strings.TrimSuffix(o.Dir, dryRun)
	if o.MaxSteps > 0 {
		command += fmt.Sprintf(" --max-steps %d", o.MaxSteps)
	}
	if (&run{Options: *o}).stage(stage).interrupted() {
		command += " --resume"
	}
	return stateErrorf(o.Dir, "no complete %s stage here; run `%s` first", stage, command)
}

// silent reports to nobody.
type silent struct{}

func (silent) Report(Progress)       {}
func (silent) Download(hub.Progress) {}
func (silent) Close()                {}
