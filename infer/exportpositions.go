package infer

import (
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/model/arch"
)

// byPosition tells whether attention goes by where word-vectors stand in the text.
func byPosition(n *arch.Net) bool {
	return slices.ContainsFunc(n.Blocks, func(b arch.Block) bool {
		return b.Attention.Relative != nil || b.Attention.Rotary != 0 || b.Attention.Window != nil
	})
}

// distance is how far each key stands behind each query in the text, (b, n, n), or behind the
// first query alone, (b, 1, n).
func (e *exporter) distance(onlyCLS bool) onnx.Value {
	query := e.Op("Unsqueeze", e.position, e.Vector(2))
	if onlyCLS {
		query = e.Op("Slice", query, e.Vector(0), e.Vector(1), e.Vector(1))
	}
	return e.Op("Sub", e.Op("Unsqueeze", e.position, e.Vector(1)), query)
}

// turned is the heads of queries or keys (b, a, n, d) turned by where they stand, where
// positions are rotary: ops.Rotary.
func (e *exporter) turned(x onnx.Value, a *arch.Attention) onnx.Value {
	if a.Rotary == 0 {
		return x
	}
	d := a.Query.Out / a.Heads
	name := fmt.Sprint("rotary ", a.Rotary, " ", d)
	angle := e.Op("Mul", e.float(e.Op("Unsqueeze", e.position, e.Vector(1, 3))), e.Weight(name, arch.RotaryFrequencies(a.Rotary, d), d/2)) // (b, 1, n, d/2)
	cos, sin, halves := e.Op("Cos", angle), e.Op("Sin", angle), e.split(x, -1, d/2, d/2)
	return e.Op("Concat",
		e.Op("Sub", e.Op("Mul", halves[0], cos), e.Op("Mul", halves[1], sin)),
		e.Op("Add", e.Op("Mul", halves[1], cos), e.Op("Mul", halves[0], sin)), onnx.Int("axis", -1))
}

// softmax is the probabilities of scores (b, a, n, n), or of the first query's (b, a, 1, n). A
// padding query whose window holds padding alone attends to nothing, as in ops.
func (e *exporter) softmax(a *arch.Attention, scores onnx.Value, onlyCLS bool) onnx.Value {
	axis := onnx.Int("axis", -1)
	if a.Window == nil {
		return e.Op("Softmax", scores, axis)
	}
	near := e.Op("LessOrEqual", e.Op("Abs", e.distance(onlyCLS)), e.Whole(*a.Window))
	near = e.Op("Unsqueeze", near, e.Vector(1))
	p := e.Op("Softmax", e.Op("Where", near, scores, e.Number(-far)), axis)
	if !e.pass.PadQueriesVote {
		return p
	}
	return e.Op("Mul", e.Op("Mul", p, e.float(near)), e.Op("Unsqueeze", e.real(), e.Vector(1, 2)))
}

// relative is the bias of scores by distance (b, a, n, n), or of the first query alone
// (b, a, 1, n), from a table that has a row for each distance.
func (e *exporter) relative(r *arch.Relative, onlyCLS bool) onnx.Value {
	rows, heads := r.Rows(), r.Table.Width
	table, bias := e.params.Slice(r.Table.Name), make([]float32, 0, len(rows)*heads)
	for _, row := range rows {
		bias = append(bias, table[int(row)*heads:int(row+1)*heads]...)
	}
	distance := e.Op("Max", e.Op("Min", e.distance(onlyCLS), e.Whole(r.Furthest)), e.Whole(-r.Furthest))
	found := e.Op("Gather", e.Weight(r.Table.Name, bias, len(rows), heads), e.Op("Add", distance, e.Whole(r.Furthest)))
	return e.Op("Transpose", found, onnx.Ints("perm", 0, 3, 1, 2))
}
