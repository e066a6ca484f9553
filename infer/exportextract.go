package infer

import (
	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/retention"
)

// removes tells whether encoder j can take rows out: not where it keeps as many as the one
// before.
func (e *exporter) removes(j int) bool {
	return e.pass.Keep != nil && (j == 0 || e.pass.Keep[j] < e.pass.Keep[j-1])
}

// extract takes rows out of x (b, n, h) and p (b, a, n, n), as ops.Selection has it:
// [CLS] stays and the others of largest significance, in their order, the lower
// index before its equals. v (b, a, n, h/a) scores them.
func (e *exporter) extract(keep, heads int, x, p, v onnx.Value) (xKept, pKept onnx.Value) {
	ranks, n := e.ranks(p, v), e.Op("Squeeze", e.columns(e.standing))
	count, k := e.counts(keep)
	byRank := e.Ops("TopK", 2, ranks, k, onnx.Int("axis", 1))[1]
	sorted := e.Ops("TopK", 2, byRank, k, onnx.Int("axis", 1), onnx.Int("largest", 0))
	rows, rank := sorted[0], sorted[1] // (b, k): entering rows, and the rank of each
	standing := e.Op("GatherElements", e.standing, rows, onnx.Int("axis", 1))
	if e.pass.Relative {
		standing = e.Op("Where", e.Op("Less", rank, count), standing, e.Number(-2*far))
	}
	e.stand(standing)
	if e.pass.Draw != nil {
		e.place = e.Op("GatherElements", e.place, rows, onnx.Int("axis", 1))
	}
	if e.position != "" {
		e.position = e.Op("GatherElements", e.position, rows, onnx.Int("axis", 1))
	}
	return e.gather(x, p, rows, n, heads)
}

// gather takes rows (b, k) out of x (b, n, h) and of every head of p (b, a, n, n), by plain
// Gather of matrices put one below another: every shape inference knows what comes of it.
func (e *exporter) gather(x, p, rows, n onnx.Value, heads int) (xKept, pKept onnx.Value) {
	among := make([]int, heads)
	for h := range among {
		among[h] = h
	}
	sequences := e.Op("Squeeze", e.Op("Shape", rows, onnx.Int("start", 0), onnx.Int("end", 1)))
	sequence := e.Op("Unsqueeze", e.Op("Range", e.Whole(0), sequences, e.Whole(1)), e.Vector(1)) // (b, 1)
	head := e.Op("Add", e.Op("Mul", sequence, e.Whole(heads)), e.Vector(among...))               // (b, a)
	head = e.Op("Unsqueeze", head, e.Vector(2))
	ofX := e.Op("Add", e.Op("Mul", sequence, n), rows)
	ofP := e.Op("Add", e.Op("Mul", head, n), e.Op("Unsqueeze", rows, e.Vector(1)))
	xKept = e.Op("Gather", e.Op("Flatten", x, onnx.Int("axis", 2)), ofX)
	return xKept, e.Op("Gather", e.Op("Flatten", p, onnx.Int("axis", 3)), ofP)
}

// ranks orders rows (b, n), those that are kept first. Of a draw with absolute
// ranks a position beyond a sequence's end counts, as any other.
func (e *exporter) ranks(p, v onnx.Value) onnx.Value {
	switch {
	case e.pass.Draw == nil:
		return e.Op("Add", e.significance(p, v), e.standing)
	case e.pass.Relative:
		return e.Op("Add", e.place, e.standing)
	}
	return e.place
}

// significance is the attention (b, n) that each row receives from those that vote, a
// head's times the norm of the row's value where that is the score.
func (e *exporter) significance(p, v onnx.Value) onnx.Value {
	if e.pass.Score == retention.ScoreValue {
		norms := e.Op("Sqrt", e.Op("ReduceSum", e.Op("Mul", v, v), e.Vector(3), onnx.Int("keepdims", 0))) // (b, a, n)
		p = e.Op("Mul", p, e.Op("Unsqueeze", norms, e.Vector(2)))
	}
	received := e.Op("ReduceSum", p, e.Vector(1), onnx.Int("keepdims", 0)) // (b, n, n)
	if e.pass.SubtractDiagonal {
		row := e.rows(e.standing)
		diagonal := e.Op("Equal", row, e.Op("Unsqueeze", row, e.Vector(1)))
		received = e.Op("Where", diagonal, e.Number(0), received)
	}
	above := -far / 2.0
	if e.pass.PadQueriesVote {
		above -= far
	}
	votes := e.float(e.Op("Greater", e.standing, e.Number(above)))
	return e.Op("Squeeze", e.Op("MatMul", e.Op("Unsqueeze", votes, e.Vector(1)), received), e.Vector(1))
}

// counts is how many rows each sequence keeps, (b, 1), where ranks are relative,
// and how many the longest does, as a vector: retention.Scoring.Rows.
func (e *exporter) counts(keep int) (count, k onnx.Value) {
	if e.pass.Draw != nil && !e.pass.Relative {
		drawn := e.Op("Cast", e.Op("Greater", e.place, e.Number(-float64(keep))), onnx.Int("to", int(onnx.Int64)))
		count = e.Op("ReduceSum", drawn, e.Vector(1))
		return "", e.most(count)
	}
	if !e.pass.Relative {
		return "", e.Op("Min", e.columns(e.standing), e.Vector(keep))
	}
	n := e.Op("Add", e.Op("Mul", e.length, e.Whole(keep)), e.Whole(e.pass.Length-1))
	// What is divided is a multiple, for OpenVINO rounds a quotient that others cut.
	n = e.Op("Sub", n, e.Op("Mod", n, e.Whole(e.pass.Length)))
	count = e.Op("Max", e.Op("Div", n, e.Whole(e.pass.Length)), e.Whole(1))
	return count, e.most(count)
}

// most is the largest of counts (b, 1), as a vector.
func (e *exporter) most(counts onnx.Value) onnx.Value {
	return e.Op("Reshape", e.Op("ReduceMax", counts, onnx.Int("keepdims", 0)), e.Vector(1))
}
