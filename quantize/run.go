package quantize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A TwoByTwo is a run in both precisions: stage 1's model, dense, and stage 3's, which
// removes word-vectors, on the dev set.
type TwoByTwo struct {
	Dense *Comparison `json:"dense"`
	Power *Comparison `json:"power"`
}

// Run is pipeline.Run, and where the experiment says so quantises the models of stages 1
// and 3 then. What is there already is not made again; a dry run leaves it out.
func Run(ctx context.Context, e *configs.Experiment, o pipeline.Options) ([]*rundir.Result, *TwoByTwo, error) {
	results, err := pipeline.Run(ctx, e, o)
	if err != nil || !e.Quantize || o.MaxSteps > 0 {
		return results, nil, err
	}
	dir := o.Dir
	if dir == "" {
		dir = rundir.Default(e.Name)
	}
	t, err := stages(ctx, e, o, dir, results)
	if errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w while the stages were quantised; %s", pipeline.ErrInterrupted, pipeline.SameCommand)
	}
	return results, t, err
}

// stages quantises the first and the last stage of a run directory, or reads what came of
// that.
func stages(ctx context.Context, e *configs.Experiment, o pipeline.Options, dir string, results []*rundir.Result) (*TwoByTwo, error) {
	release, err := rundir.Hold(dir)
	if err != nil {
		return nil, err
	}
	defer release()
	if o.Report != nil {
		ctx = pipeline.Watching(ctx, o.Report, "quantize")
	}
	first, last := results[0].Dir, results[len(results)-1].Dir
	t, err := Compared(dir)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err == nil && atomicfile.DirExists(rundir.Int8(first)) && atomicfile.DirExists(rundir.Int8(last)):
		return t, nil
	}
	both := make([]*Comparison, 2)
	for i, stage := range []string{first, last} {
		job := Job{Dir: stage, Bound: DefaultBound, Length: e.Data.MaxLength, Log: o.Log, Held: true}
		if both[i], err = job.Run(ctx); err != nil {
			return nil, err
		}
	}
	t = &TwoByTwo{both[0], both[1]}
	return t, rundir.WriteJSON(rundir.ComparisonFile(dir), t)
}

// Compared reads what a run directory says of both precisions.
func Compared(dir string) (*TwoByTwo, error) {
	t := &TwoByTwo{}
	if err := rundir.ReadJSON(rundir.ComparisonFile(dir), t); err != nil {
		return nil, err
	}
	if t.Dense == nil || t.Power == nil {
		return nil, fmt.Errorf("%s: lacks a model", rundir.ComparisonFile(dir))
	}
	return t, nil
}
