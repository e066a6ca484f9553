package infer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// exporter adds a model to a graph. Its comments give shapes: b sequences of n rows,
// h wide, a heads, k rows kept.
//
// The tensors of ONNX are rectangular, so the sequences of a batch have as many
// rows as the longest. What each row is, its standing says:
//
//	far     [CLS]
//	0       a word-vector
//	-far    padding
//	-2·far  nothing: a row that is there only because another sequence is longer
//
// Added to scores and cut off above 0, it keeps attention from padding; added to
// significances, it ranks [CLS] first and padding last.
type exporter struct {
	*onnx.Graph
	net      *arch.Net
	params   *model.Params[float32]
	products map[string]*model.Int8Product // by linear layer: those that are in int8
	pass     arch.Pass
	named    []string     // the inputs
	standing onnx.Value   // (b, n)
	bias     onnx.Value   // (b, 1, 1, n), of attention scores
	length   onnx.Value   // (b, 1), word-vectors of a sequence before any was removed
	place    onnx.Value   // (b, n), of a row's position in the draw, below 0; where one decides
	position onnx.Value   // (b, n), of a row in the text; where attention goes by it
	encoders []onnx.Value // what each made
	err      error        // the first
}

// far is beyond every score and significance; exp(-far) is 0.
const far = 1e9

// newExporter makes the graph of a model, of which some products are in int8.
func newExporter(c arch.Config, p *model.Params[float32], products ...model.Int8Product) *exporter {
	e := &exporter{Graph: new(onnx.Graph), net: c.Net(), params: p, products: make(map[string]*model.Int8Product), pass: arch.Pass{Elimination: c.Elimination()}}
	for i := range products {
		for _, layer := range products[i].Layers {
			e.products[layer] = &products[i]
		}
	}
	x := e.embedding(e.inputs())
	for j := range e.net.Blocks {
		x = e.encoder(j, x)
		e.encoders = append(e.encoders, x)
	}
	if last := e.net.Norm; last != nil {
		x = e.norm(x, *last)
	}
	h := &e.net.Head
	x = e.activate(e.linear(e.read(x), h.Dense), h.Activation)
	if h.Norm != nil {
		x = e.norm(x, *h.Norm)
	}
	e.Output("logits", e.tempered(e.linear(x, h.Output), c.Temperature), onnx.Float32, "batch", h.Output.Out)
	return e
}

// read is what the head reads of the last encoder's x (b, k, h): [CLS], or the mean of the
// word-vectors, (b, h).
func (e *exporter) read(x onnx.Value) onnx.Value {
	if !e.net.Head.Mean {
		return e.Op("Squeeze", x, e.Vector(1))
	}
	counts := e.real() // (b, k)
	sum := e.Op("Squeeze", e.Op("MatMul", e.Op("Unsqueeze", counts, e.Vector(1)), x), e.Vector(1))
	return e.Op("Div", sum, e.Op("ReduceSum", counts, e.Vector(1)))
}

// real is 1 for each row that is a word-vector, else 0: (b, n).
func (e *exporter) real() onnx.Value {
	return e.float(e.Op("Greater", e.standing, e.Number(-far/2.0)))
}

// tempered divides logits by the model's temperature, if it has one.
func (e *exporter) tempered(logits onnx.Value, temperature float64) onnx.Value {
	if temperature == 0 || temperature == 1 {
		return logits
	}
	return e.Op("Div", logits, e.Number(temperature))
}

// inputs declares the inputs and gives each row its standing.
func (e *exporter) inputs() (ids, types onnx.Value) {
	e.named = []string{"input_ids", "attention_mask"}
	if e.net.Embedding.Types.Rows > 1 {
		e.named = append(e.named, "token_type_ids")
	}
	var in []onnx.Value
	for _, name := range e.named {
		in = append(in, e.Input(name, onnx.Int64, "batch", "length"))
	}
	if e.pass.PadQueriesVote {
		in = e.pad(in)
	}
	ids, mask := in[0], in[1]
	if len(in) > 2 {
		types = in[2]
	}
	if e.pass.Relative {
		e.length = e.Op("ReduceSum", mask, e.Vector(1))
	}
	row := e.rows(ids)
	padding := e.Op("Sub", e.float(mask), e.Number(1))
	if e.pass.PadQueriesVote { // beyond N nothing is padded
		beyond := e.float(e.Op("GreaterOrEqual", row, e.Whole(e.pass.Length)))
		padding = e.Op("Mul", padding, e.Op("Add", beyond, e.Number(1)))
	}
	cls := e.float(e.Op("Equal", row, e.Whole(0)))
	e.stand(e.Op("Mul", e.Op("Add", padding, cls), e.Number(far)))
	if e.pass.Draw != nil {
		e.place = e.places(row)
	}
	if byPosition(e.net) {
		e.position = e.Op("Expand", row, e.Op("Shape", e.standing))
	}
	return ids, types
}

// places is, for every row, its place in the draw, below 0: first comes largest.
func (e *exporter) places(row onnx.Value) onnx.Value {
	var below []float32
	for _, k := range e.pass.Draw.Place() {
		below = append(below, -float32(k))
	}
	place := e.Op("Gather", e.Weight("draw", below, len(below)), row)
	return e.Op("Expand", place, e.Op("Shape", e.standing))
}

// pad fills the inputs up to N rows, as the votes of padding want it.
func (e *exporter) pad(in []onnx.Value) []onnx.Value {
	missing := e.Op("Max", e.Op("Sub", e.Vector(e.pass.Length), e.columns(in[0])), e.Vector(0))
	widths := e.Op("Concat", e.Vector(0, 0, 0), missing, onnx.Int("axis", 0))
	var padded []onnx.Value
	for _, v := range in {
		padded = append(padded, e.Op("Pad", e.Op("Mul", v, in[1]), widths))
	}
	if pad := e.net.Embedding.Pad; pad != nil { // its id where the mask is 0
		padding := e.Op("Sub", e.Whole(1), padded[1])
		padded[0] = e.Op("Add", padded[0], e.Op("Mul", padding, e.Whole(int(*pad))))
	}
	return padded
}

// stand gives rows their standing.
func (e *exporter) stand(standing onnx.Value) {
	e.standing = standing
	e.bias = e.Op("Unsqueeze", e.Op("Min", standing, e.Number(0)), e.Vector(1, 2))
}

// columns is n of a tensor (b, n), as a vector.
func (e *exporter) columns(x onnx.Value) onnx.Value {
	return e.Op("Shape", x, onnx.Int("start", 1), onnx.Int("end", 2))
}

// rows is 0 … n−1 for a tensor (b, n).
func (e *exporter) rows(x onnx.Value) onnx.Value {
	return e.Op("Range", e.Whole(0), e.Op("Squeeze", e.columns(x)), e.Whole(1))
}

func (e *exporter) float(x onnx.Value) onnx.Value {
	return e.Op("Cast", x, onnx.Int("to", int(onnx.Float32)))
}

// embedding gives (b, n, h).
func (e *exporter) embedding(ids, types onnx.Value) onnx.Value {
	m := &e.net.Embedding
	x := e.lookUp(&m.Words, ids)
	if m.Positions.Rows > 0 {
		x = e.Op("Add", x, e.Op("Gather", e.weight(m.Positions.Name), e.counted(ids)))
	}
	switch {
	case types != "":
		x = e.Op("Add", x, e.Op("Gather", e.weight(m.Types.Name), types))
	case m.Types.Rows > 0:
		x = e.Op("Add", x, e.weight(m.Types.Name))
	}
	x = e.norm(x, m.Norm)
	if m.Mapping != nil {
		x = e.linear(x, *m.Mapping)
	}
	return x
}

// counted is the positions of rows as the embedding counts them: 0, 1, 2, … or, of each text,
// of the tokens that are not padding.
func (e *exporter) counted(ids onnx.Value) onnx.Value {
	if e.net.Embedding.Pad == nil {
		return e.rows(ids)
	}
	pad := e.Whole(int(*e.net.Embedding.Pad))
	tokens := e.Op("Cast", e.Op("Not", e.Op("Equal", ids, pad)), onnx.Int("to", int(onnx.Int64)))
	return e.Op("Add", e.Op("Mul", e.Op("CumSum", tokens, e.Whole(1)), tokens), pad)
}

// encoder is encoder j as layers.Encoder has it: x (b, n, h), result (b, k, h).
func (e *exporter) encoder(j int, x onnx.Value) onnx.Value {
	b := &e.net.Blocks[j]
	a, f := &b.Attention, &b.FFN
	before, after := e.norms(b.PreNorm)
	x, y := e.attention(j, x, before(x, a.Norm))
	y = after(e.Op("Add", x, e.linear(y, a.Output)), a.Norm)
	return after(e.Op("Add", y, e.linear(e.inner(f, before(y, f.Norm)), f.Out)), f.Norm)
}

// norms are what is done before a half of an encoder and after its sum, as layers has it.
func (e *exporter) norms(pre bool) (before, after func(x onnx.Value, n arch.Norm) onnx.Value) {
	nothing := func(x onnx.Value, _ arch.Norm) onnx.Value { return x }
	if pre {
		return e.norm, nothing
	}
	return nothing, e.norm
}

// inner is what W_2 reads, F wide.
func (e *exporter) inner(f *arch.FFN, y onnx.Value) onnx.Value {
	y = e.linear(y, f.In)
	if !f.Gated {
		return e.activate(y, f.Activation)
	}
	halves := e.split(y, -1, f.In.Out/2, f.In.Out/2)
	return e.Op("Mul", e.activate(halves[0], f.Activation), halves[1])
}

// attention is the rows of x (b, n, h) that go on, (b, k, h), and what their queries
// find, as wide, in what the attention reads for x. The others are left out right after the
// attention probabilities.
func (e *exporter) attention(j int, x, reads onnx.Value) (kept, y onnx.Value) {
	a := &e.net.Blocks[j].Attention
	onlyCLS := e.net.Reading(&e.pass, j) == arch.ReadCLS
	var q, k, v onnx.Value
	if onlyCLS {
		kv := e.heads(reads, a.Heads, a.Key, a.Value)
		first := func(x onnx.Value) onnx.Value { return e.Op("Slice", x, e.Vector(0), e.Vector(1), e.Vector(1)) }
		q, k, v = e.heads(first(reads), a.Heads, a.Query)[0], e.turned(kv[0], a), kv[1]
		x = first(x)
	} else {
		qkv := e.heads(reads, a.Heads, a.Query, a.Key, a.Value)
		q, k, v = e.turned(qkv[0], a), e.turned(qkv[1], a), qkv[2]
	}
	k = e.Op("Transpose", k, onnx.Ints("perm", 0, 1, 3, 2))
	scores := e.Op("Mul", e.Op("MatMul", q, k), e.Number(1/math.Sqrt(float64(a.Query.Out/a.Heads))))
	if a.Relative != nil {
		scores = e.Op("Add", scores, e.relative(a.Relative, onlyCLS))
	}
	p := e.softmax(a, e.Op("Add", scores, e.bias), onlyCLS) // (b, a, n, n)
	if e.removes(j) && !onlyCLS {
		x, p = e.extract(e.pass.Keep[j], a.Heads, x, p, v)
	}
	y = e.Op("Transpose", e.Op("MatMul", p, v), onnx.Ints("perm", 0, 2, 1, 3))
	return x, e.Op("Reshape", y, e.Vector(0, 0, a.Value.Out))
}

// heads are several of query, key and value, in this order, by one product:
// (b, heads, n, h/heads) each.
func (e *exporter) heads(x onnx.Value, heads int, parts ...arch.Linear) []onnx.Value {
	x = e.linear(x, parts...)
	x = e.Op("Reshape", x, e.Vector(0, 0, len(parts)*heads, parts[0].Out/heads))
	x = e.Op("Transpose", x, onnx.Ints("perm", 0, 2, 1, 3))
	return e.split(x, 1, slices.Repeat([]int{heads}, len(parts))...)
}

// split parts x along an axis. Versions of the operator differ in what it does where the
// widths are not said.
func (e *exporter) split(x onnx.Value, axis int, widths ...int) []onnx.Value {
	return e.Ops("Split", len(widths), x, e.Vector(widths...), onnx.Int("axis", axis))
}

// joined is several linear layers as one: a.query and a.key are a.query_key. Some of the rows
// of a tensor are called by the first and the last, as a.qkv.0-11.
func joined(layers []arch.Linear) arch.Linear {
	all := layers[0]
	for _, l := range layers[1:] {
		if l.Name != all.Name {
			all.Name += "_" + l.Name[strings.LastIndexByte(l.Name, '.')+1:]
		}
		all.Out += l.Out
	}
	if all.Out < all.Of {
		all.Name += fmt.Sprintf(".%d-%d", all.First, all.First+all.Out-1)
	}
	return all
}

// activate applies a; GELU in its exact form in the order that ONNX Runtime knows as one.
func (e *exporter) activate(x onnx.Value, a arch.Activation) onnx.Value {
	switch a {
	case arch.Tanh:
		return e.Op("Tanh", x)
	case arch.GELUTanh:
		return e.geluTanh(x)
	case arch.ReLU:
		return e.Op("Relu", x)
	case arch.SiLU:
		return e.Op("Mul", x, e.Op("Sigmoid", x))
	}
	erf := e.Op("Erf", e.Op("Div", x, e.Number(math.Sqrt2)))
	return e.Op("Mul", e.Op("Mul", x, e.Op("Add", erf, e.Number(1))), e.Number(0.5))
}

// geluTanh is x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
func (e *exporter) geluTanh(x onnx.Value) onnx.Value {
	cube := e.Op("Mul", e.Op("Mul", e.Op("Mul", x, x), x), e.Number(0.044715))
	t := e.Op("Tanh", e.Op("Mul", e.Op("Add", x, cube), e.Number(math.Sqrt(2/math.Pi))))
	return e.Op("Mul", e.Op("Mul", x, e.Op("Add", t, e.Number(1))), e.Number(0.5))
}

func (e *exporter) norm(x onnx.Value, n arch.Norm) onnx.Value {
	if n.Name == "" {
		return x
	}
	in := []onnx.Arg{x, e.weight(n.Weight())}
	if !n.NoBias {
		in = append(in, e.weight(n.Bias()))
	}
	return e.Op("LayerNormalization", append(in, onnx.Int("axis", -1), onnx.Float("epsilon", n.Eps))...)
}

// linear is x·Wᵀ + b, without b where the layers have none. Several layers, whose weights are
// neighbours, are one.
func (e *exporter) linear(x onnx.Value, layers ...arch.Linear) onnx.Value {
	first, last, all := layers[0], layers[len(layers)-1], joined(layers)
	weight := e.params.Span(first.Weight(), last.Weight())[first.First*first.In:][:all.Out*all.In]
	if p := e.products[first.Name]; p != nil {
		x = e.product(x, p, all, weight)
	} else {
		x = e.Op("MatMul", x, e.Transposed(all.Weight(), weight, all.In, all.Out))
	}
	if first.NoBias {
		return x
	}
	return e.Op("Add", x, e.Weight(all.Bias(), e.params.Span(first.Bias(), last.Bias())[first.First:][:all.Out], all.Out))
}

// weight adds a tensor as the checkpoint has it.
func (e *exporter) weight(name string) onnx.Value {
	t, _ := e.params.Lookup(name)
	return e.Weight(name, e.params.Slice(name), t.Shape...)
}
