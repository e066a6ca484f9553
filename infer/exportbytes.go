package infer

import (
	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

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
