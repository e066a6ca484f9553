package infer

import (
	"context"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// Grids is a trained model with what it would be if its products read bytes on grids that
// are the same for all texts, which is all that the int8 kernels of ONNX Runtime and
// OpenVINO have in common. Products are the table of words and all linear layers but the
// head's, which reads a row of each text, and those that a directory of int8 weights has left
// in float32.
// With runs them here, to the sums of those runtimes.
type Grids struct {
	Precisions
	loaded *model.Loaded[float32]
}

// Grids returns what the model, which is that of a directory, would be on grids as wide as
// what the examples make its products read.
func (m *Model) Grids(ctx context.Context, dir string, examples []data.Encoded, workers int) (*Grids, error) {
	ranges, err := m.ranges(ctx, examples, workers)
	if err != nil {
		return nil, err
	}
	loaded, err := model.LoadWeights(dir)
	if err != nil {
		return nil, err
	}
	products, err := model.StaticProducts(loaded.Params, ranges)
	if err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	float := []string{m.Config.Net().Head.Dense.Name}
	float = append(float, m.Config.Net().FloatLayers(m.Config.Quantization)...)
	products = slices.DeleteFunc(products, func(p model.Int8Product) bool { return slices.Contains(float, p.Layers[0]) })
	return &Grids{Precisions{Model: m, Products: products, dir: dir}, loaded}, nil
}

// Export is Export of the model with some of the products in int8.
func (g *Grids) Export(file string, opset int, products ...model.Int8Product) (*Exported, error) {
	return export(g.dir, file, opset, 0, g.loaded, products)
}

// ExportFolder is ExportFolder of the model with some of the products in int8.
func (g *Grids) ExportFolder(folder string, opset int, products ...model.Int8Product) (*Exported, error) {
	return exportFolder(g.dir, folder, func(file string) (*Exported, error) { return g.Export(file, opset, products...) })
}

// lookUp is rows of a table, (b, n, width), by ids (b, n). A table in bytes is looked up in
// them, and its rows become floats then.
func (e *exporter) lookUp(t *arch.Table, ids onnx.Value) onnx.Value {
	p := e.products[t.LayerName()]
	if p == nil {
		return e.Op("Gather", e.weight(t.Name), ids)
	}
	values := e.Op("Gather", e.Integers(t.Name+arch.Int8Suffix, p.Words.Values, t.Rows, t.Width), ids)
	scales := e.Op("Gather", e.Weight(t.Name+arch.ScaleSuffix, p.Words.Scales, t.Rows, 1), ids)
	return e.Op("Mul", e.float(values), scales)
}

// product is x·Wᵀ of bytes for linear layers that belong to p: both sides are rounded to
// integers, and MatMul reads what those stand for. Runtimes see by this that they may
// multiply the integers. x (…, in), weights (out, in), result (…, out).
func (e *exporter) product(x onnx.Value, p *model.Int8Product, l arch.Linear, weights []float32) onnx.Value {
	s := p.Static
	values, scales, err := s.Quantized(weights, l.Out)
	if err != nil && e.err == nil {
		e.err = err
	}
	scale, zero := e.Number(float64(s.Grid.Scale)), e.Byte(s.Grid.Zero)
	x = e.Op("Mul", x, e.Weight(p.Layers[0]+".factors", s.Factors, l.In))
	x = e.Op("DequantizeLinear", e.Op("QuantizeLinear", x, scale, zero), scale, zero)
	w := e.Op("DequantizeLinear", e.TransposedIntegers(l.Weight()+arch.Int8Suffix, values, l.In, l.Out),
		e.Weight(l.Weight()+arch.ScaleSuffix, scales, l.Out), onnx.Int("axis", 1))
	return e.Op("MatMul", x, w)
}
