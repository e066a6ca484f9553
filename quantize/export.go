package quantize

import (
	"context"
	"log/slog"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
)

// An Export is a model to be written as ONNX for the int8 kernels of other runtimes.
type Export struct {
	Dir    string // a trained model in float32, or one in int8
	File   string // of ONNX to be written, or
	Folder string // that, as optimum loads it
	Opset  int    // version of the operators; 0: infer.OldestOpset
	Texts  Texts
	Bound  float64 // of the divergence, 0 or more
	Length int     // tokens that texts are cut to
	Log    *slog.Logger
}

// Exported is a file, and how far it is from the model.
type Exported struct {
	*infer.Exported
	Calibrated int         `json:"calibrated_on"` // so many of the texts compared on, which set the grids
	Comparison *Comparison `json:"comparison"`    // of the model of the directory and of the file's arithmetic, as this program does it
}

// mostLoss is what the metric of a file may be below that of the model.
const mostLoss = 0.003

// Run writes the file. Its grids span what some of the texts make its products read; the
// layers that cost most stay in float32 until the file is as near to the model as is wanted.
func (j Export) Run(ctx context.Context) (*Exported, error) {
	m, err := infer.Open(j.Dir, j.Length)
	if err != nil {
		return nil, err
	}
	w, c, err := j.Texts.begin(j.Dir, m, j.Length, j.Bound, mostLoss, j.Log)
	if err != nil {
		return nil, err
	}
	some := w.some(calibrated)
	g, err := m.Grids(ctx, j.Dir, some, workers())
	if err != nil {
		return nil, err
	}
	w.p, c.Before = &g.Precisions, m.Config.Net().FloatLayers(m.Config.Quantization)
	in, err := w.compare(ctx, c)
	if err != nil {
		return nil, err
	}
	return j.write(g, in, &Exported{Calibrated: len(some), Comparison: c})
}

// write writes the file with these products in int8.
func (j Export) write(g *infer.Grids, in []model.Int8Product, x *Exported) (_ *Exported, err error) {
	if j.Folder != "" {
		x.Exported, err = g.ExportFolder(j.Folder, j.Opset, in...)
	} else {
		x.Exported, err = g.Export(j.File, j.Opset, in...)
	}
	if err != nil {
		return nil, err
	}
	c := x.Comparison
	c.Out, c.Int8.Bytes = x.File, x.Bytes
	c.Float32.Bytes, err = model.WeightsBytes(j.Dir)
	return x, err
}
