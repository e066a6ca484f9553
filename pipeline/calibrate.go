package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/problem"
)

// A Calibration is a temperature that was fitted, and what it does on the rows that it was
// fitted on: calibration.json of a stage's directory.
type Calibration struct {
	Dir         string         `json:"model"`
	Data        string         `json:"data"`     // the file
	Examples    int            `json:"examples"` // of it, that no stage learned or chose by
	Known       int            `json:"known"`    // of it, that were left out since a stage did
	Temperature float64        `json:"temperature"`
	Before      *problem.Trust `json:"before"` // without a temperature
	After       *problem.Trust `json:"after"`
}

// Calibrate fits the temperature of a stage's model (Guo et al. 2017) on rows that no stage
// learned from or chose anything by, and writes it into the model's config.json: whatever
// uses the model divides its logits by it from then on. Labels that are each by itself share
// it, and their thresholds are converted where they are used, so that the same are said. The rows are those of a file in the
// layout of the experiment's task, or of its dev set, "", where other rows chose.
//
// It reports a *rundir.StateError where dir is no stage's directory or a search's, or where
// no such rows are there, and the errors of data, model and problem.Outputs.Temperature.
func Calibrate(ctx context.Context, dir, file string) (*Calibration, error) {
	return calibrated(ctx, dir, file, rundir.Hold)
}

// CalibrateHeld is Calibrate for whoever holds the run directory.
func CalibrateHeld(ctx context.Context, dir, file string) (*Calibration, error) {
	return calibrated(ctx, dir, file, func(string) (func(), error) { return func() {}, nil })
}

// calibrated is Calibrate, which holds the run directory while it writes.
func calibrated(ctx context.Context, dir, file string, hold func(string) (func(), error)) (*Calibration, error) {
	dir = rundir.Named(dir)
	if err := rundir.NoSearch(dir); err != nil {
		return nil, err
	}
	j, err := openJudge(dir, EvaluateOptions{})
	if err != nil {
		return nil, err
	}
	c, err := j.calibrate(ctx, file)
	if err != nil {
		return nil, err
	}
	release, err := hold(filepath.Dir(dir))
	if err != nil {
		return nil, err
	}
	defer release()
	if err := rundir.WriteJSON(rundir.StageDir(dir).Calibration(), c); err != nil {
		return nil, err
	}
	if err := rundir.StageDir(dir).ChangeCard(func(card []byte) []byte { return calibratedCard(card, c) }); err != nil {
		return nil, err
	}
	return c, model.SetTemperature(dir, c.Temperature)
}

// calibrate fits the temperature.
func (j *judge) calibrate(ctx context.Context, file string) (*Calibration, error) {
	if kind := j.config.Problem(); !kind.Probable() {
		return nil, rundir.Errorf(j.dir, "its problem_type is %s, whose outputs are no probabilities of labels, which a temperature could make right", kind)
	}
	whole, fresh, err := j.unseen(file)
	if err != nil {
		return nil, err
	}
	out, _, err := j.outputs(ctx, j.encode(fresh))
	if err != nil {
		return nil, err
	}
	c := &Calibration{Dir: j.dir, Data: whole.Name(), Examples: len(fresh.Examples), Known: len(whole.Examples) - len(fresh.Examples), Before: out.Trust()}
	if c.Temperature, err = out.Temperature(); err != nil {
		return nil, fmt.Errorf("%s on %s: %w", j.dir, c.Data, err)
	}
	c.After = out.At(c.Temperature).Trust()
	return c, nil
}

// unseen reads a file, "" the dev set, and what remains of it without the rows that stages
// learned from or chose by.
func (j *judge) unseen(file string) (whole, fresh *data.Set, err error) {
	src := j.exp.Source()
	if file != "" { // else it is dev, which texts without labels have nothing of
		src = j.exp.SourceWithTexts()
	}
	sets, err := data.Load(src)
	if err != nil {
		return nil, nil, j.exp.ReadError(err)
	}
	if whole = sets.Dev; file != "" {
		if whole, err = data.LoadFile(j.exp.Source(), file, j.config.Labels()); err != nil {
			return nil, nil, err
		}
	} else if !slices.Equal(sets.Train.Labels, j.config.Labels()) {
		return nil, nil, rundir.Errorf(j.dir, "its labels are %s, those of the training data now %s; put back the data of the run, or name rows with --data FILE",
			strings.Join(j.config.Labels(), ", "), strings.Join(sets.Train.Labels, ", "))
	} else if sets.HeldOut == nil {
		return nil, nil, rundir.Errorf(j.dir, "dev chose its epoch, so dev would flatter its probabilities, too; name other rows with --data FILE, or train with data.held_out")
	}
	learned := []*data.Set{sets.Train, sets.Chooses()}
	if sets.Unlabelled != nil {
		learned = append(learned, sets.Unlabelled)
	}
	if fresh = whole.Without(learned...); len(fresh.Examples) == 0 {
		return nil, nil, &data.Error{File: whole.Name(), Err: errors.New("has no row that the stages did not learn from or choose by; name other rows with --data FILE")}
	}
	return whole, fresh, nil
}

// probabilities begins the part of a card about calibration, which is its last.
const probabilities = "\n## Probabilities\n"

// calibratedCard is a card with what a calibration says, in place of what an earlier one
// said.
func calibratedCard(card []byte, c *Calibration) []byte {
	text, _, _ := strings.Cut(string(card), probabilities)
	return append(fmt.Appendf(nil, "%s%s\nLogits are to be divided by the temperature %.4g (power_temperature in config.json), which powerbert and the ONNX files it exports do,\n"+
		"and transformers does not. Fitted on %d rows of %s, where it changes the cross-entropy from %.4f to %.4f nats,\n"+
		"the expected calibration error (%d bins) from %.4f to %.4f and the Brier score from %.4f to %.4f.\n",
		text, probabilities, c.Temperature, c.Examples, c.Data, c.Before.Loss, c.After.Loss,
		len(c.Before.Reliability), c.Before.ECE, c.After.ECE, c.Before.Brier, c.After.Brier), saidFrom(c)...)
}

// saidFrom says what thresholds are of, where labels are each by itself.
func saidFrom(c *Calibration) string {
	if c.Before.Decisions == 0 {
		return ""
	}
	return "Each label of each row counts as a decision of its own. What a label is said from, above and in power_thresholds of config.json, is\n" +
		"of the sigmoid of the logit as it comes; divided, the same labels are said from 1/(1 + ((1 − p)/p)^(1/T)) on, which powerbert and the ONNX files do.\n"
}
