package quantize

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// DefaultBound is how far int8's probabilities may be from float32's: the mean
// divergence, in nats. If a model's probabilities are right, its mean cross-entropy rises
// by as much. It is two thirds of what two trainings with other seeds are apart, 0.015: MiniLM
// of 6 × 384, two epochs of 2,000 rows of SST-2, on its dev set. Dense models are far within
// it, and of those that remove word-vectors, where a few change places, most.
const DefaultBound = 0.01

// leastAgreement is the least share of labels that agree with the model's. Of few texts one
// may differ.
const leastAgreement = 0.985

// agreement is that of the texts at hand.
func (w *work) agreement() float64 {
	n := float64(len(w.examples))
	return min(leastAgreement, (n-1)/n)
}

// calibrated is how many texts at most tell what products read.
const calibrated = 256

// A Job is a model to be quantised.
type Job struct {
	Dir    string // a trained model in float32
	Out    string // directory of the int8 one; "": rundir.Int8 of Dir
	Texts  Texts
	Bound  float64 // of the divergence, 0 or more
	Length int     // tokens that texts are cut to
	Log    *slog.Logger
	Held   bool // the run directory is, by the caller
}

// Run writes the int8 model and what the two precisions say of the texts, which stands in
// the directory, too. An int8 model that is there is replaced; anything else is refused, and
// so is a run directory in which another process is at work.
func (j Job) Run(ctx context.Context) (*Comparison, error) {
	if j.Out == "" {
		j.Out = rundir.Int8(j.Dir)
	}
	if err := replaceable(j.Out); err != nil {
		return nil, err
	}
	if _, beside, _ := rundir.ExperimentBeside(j.Out); !j.Held && atomicfile.Exists(beside) {
		release, err := rundir.Hold(filepath.Dir(beside))
		if err != nil {
			return nil, err
		}
		defer release()
	}
	p, err := infer.OpenPrecisions(j.Dir, j.Length)
	if err != nil {
		return nil, err
	}
	w, c, err := j.Texts.begin(j.Dir, p.Model, j.Length, j.Bound, math.Inf(1), j.Log)
	if err != nil {
		return nil, err
	}
	w.p, c.Out = p, j.Out
	if err := p.Smooth(ctx, w.some(calibrated), workers()); err != nil {
		return nil, err
	}
	in, err := w.compare(ctx, c)
	if err != nil {
		return nil, err
	}
	if infer.BF16Pays() {
		c.Attends = infer.BF16Backend()
	}
	if err := w.time(ctx, c, p.With(in...)); err != nil {
		return nil, err
	}
	if c.Float32.Bytes, err = model.WeightsBytes(j.Dir); err != nil {
		return nil, err
	}
	err = atomicfile.WriteDir(j.Out, func(dir string) error {
		if err := p.Save(dir, c.FloatLayers()); err != nil {
			return err
		}
		if c.Int8.Bytes, err = model.WeightsBytes(dir); err != nil {
			return err
		}
		return rundir.WriteJSON(rundir.ComparisonFile(dir), c)
	})
	if err == nil && p.Config.Temperature != 0 {
		err = w.refit(ctx, c, j.Texts.labelled())
	}
	return c, err
}

// refit gives the int8 model of a calibrated one a temperature of its own. Where there are
// no rows for that, which is said, it keeps that of float32. The run directory is held, if the
// model is in one.
func (w *work) refit(ctx context.Context, c *Comparison, file string) error {
	c.Temperature = w.p.Config.Temperature
	own, err := pipeline.CalibrateHeld(ctx, c.Out, file)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		w.log.Info("int8 keeps the temperature of float32", "temperature", c.Temperature, "why", err)
	default:
		c.Temperature = own.Temperature
	}
	return rundir.WriteJSON(rundir.ComparisonFile(c.Out), c)
}

// replaceable refuses to write in the place of what is no int8 model.
func replaceable(dir string) error {
	if !atomicfile.DirExists(dir) {
		return nil
	}
	if c, err := model.ReadConfig(dir); err != nil || c.Quantization == nil {
		return rundir.Errorf(dir, "is there and holds no int8 model, which alone would be replaced; name another directory with --out, as %s",
			filepath.Join(filepath.Dir(dir), fmt.Sprintf("other-%s", filepath.Base(dir))))
	}
	return nil
}
