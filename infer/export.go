package infer

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/onnx"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// Exported is what Export wrote.
type Exported struct {
	Model     string                   `json:"model"` // directory
	File      string                   `json:"onnx"`
	Bytes     int64                    `json:"bytes"`
	Opset     int                      `json:"opset"`
	Inputs    []string                 `json:"inputs"`       // (batch, length) each
	Outputs   []string                 `json:"outputs"`      // (batch, Width)
	Width     int                      `json:"width"`        // of the outputs: classes, or 1
	Problem   problem.Kind             `json:"problem_type"` // which the metadata have, too
	Labels    []string                 `json:"labels"`
	MaxLength int                      `json:"max_length"`                // tokens of a text at most
	Retention *retention.Configuration `json:"power_retention,omitempty"` // nil: dense
}

// How to use an exported model, for whoever opens the file, after what it is.
const aboutExport = ` by powerbert. Its metadata has "problem_type" (single_label_classification: logits has a column for each label; ` +
	`regression: logits is the score; multiple_choice: logits is that of one option, and those of an example's options are compared), ` +
	`"labels" (by class, or of the options), "max_length" (tokens of a text at most), ` +
	`"power_retention" (where word-vectors are removed) and "tokenizer.json" (for the tokenizers library). ` +
	`input_ids is [CLS] text [SEP], or [CLS] text [SEP] second text [SEP] with token_type_ids 1 from the second text on. ` +
	`Shorter texts of a batch are padded at the right with id 0, where attention_mask is 0.`

// Export writes the model of a directory as an ONNX file, for batches and texts of
// any size. It makes the logits that this package makes, removing the word-vectors
// that the model's retention configuration removes. The file replaces its old
// version whole.
func Export(dir, file string) (*Exported, error) {
	loaded, tok, err := load(dir)
	if err != nil {
		return nil, err
	}
	c := loaded.Config
	x := &Exported{Model: dir, File: file, Opset: onnx.Opset, Inputs: inputs, Outputs: []string{"logits"}, Width: c.Outputs(), Problem: c.Problem(),
		Labels: c.Labels(), MaxLength: c.MaxPositionEmbeddings, Retention: c.PowerRetention}
	if r := c.PowerRetention; r != nil {
		x.MaxLength = r.MaxLength
	}
	m := onnx.Model{Graph: newExporter(c, loaded.Params).Graph, Name: "powerbert", Doc: "This is " + c.Family().Title + aboutExport}
	if m.Metadata, err = x.metadata(tok); err != nil {
		return nil, err
	}
	laidOut, err := m.File()
	if err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	x.Bytes = laidOut.Size
	return x, atomicfile.WriteWith(file, func(w io.Writer) error {
		_, err := laidOut.WriteTo(w)
		return err
	})
}

// metadata is what a program that runs the file has to know.
func (x *Exported) metadata(tok tokenizer.Tokenizer) (map[string]string, error) {
	text, err := tok.JSON()
	if err != nil {
		return nil, err
	}
	data := map[string]string{"tokenizer.json": string(text), "max_length": strconv.Itoa(x.MaxLength), "problem_type": string(x.Problem)}
	for key, value := range map[string]any{"labels": x.Labels, "power_retention": x.Retention} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		data[key] = string(text)
	}
	if x.Retention == nil {
		delete(data, "power_retention")
	}
	return data, nil
}

var inputs = []string{"input_ids", "attention_mask", "token_type_ids"}

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
	config   model.Config
	names    *model.Family
	params   *model.Params[float32]
	use      retention.Elimination
	standing onnx.Value   // (b, n)
	bias     onnx.Value   // (b, 1, 1, n), of attention scores
	length   onnx.Value   // (b, 1), word-vectors of a sequence before any was removed
	place    onnx.Value   // (b, n), of a row's position in the draw, below 0; where one decides
	encoders []onnx.Value // what each made
}

// far is beyond every score and significance; exp(-far) is 0.
const far = 1e9

// newExporter makes the graph of a model.
func newExporter(c model.Config, p *model.Params[float32]) *exporter {
	e := &exporter{Graph: new(onnx.Graph), config: c, names: c.Family(), params: p, use: c.Elimination()}
	x := e.embedding(e.inputs())
	for j := range c.NumHiddenLayers {
		x = e.encoder(j, x)
		e.encoders = append(e.encoders, x)
	}
	x = e.Op("Squeeze", x, e.Vector(1))
	x = e.Op("Tanh", e.linear(x, e.names.Pooler))
	e.Output("logits", e.linear(x, "classifier"), onnx.Float32, "batch", c.Outputs())
	return e
}

// inputs declares the inputs and gives each row its standing.
func (e *exporter) inputs() (ids, types onnx.Value) {
	var in []onnx.Value
	for _, name := range inputs {
		in = append(in, e.Input(name, onnx.Int64, "batch", "length"))
	}
	if e.use.PadQueriesVote {
		in = e.pad(in)
	}
	ids, mask, types := in[0], in[1], in[2]
	if e.use.Relative {
		e.length = e.Op("ReduceSum", mask, e.Vector(1))
	}
	row := e.rows(ids)
	padding := e.Op("Sub", e.float(mask), e.Number(1))
	if e.use.PadQueriesVote { // beyond N nothing is padded
		beyond := e.float(e.Op("GreaterOrEqual", row, e.Whole(e.use.Length)))
		padding = e.Op("Mul", padding, e.Op("Add", beyond, e.Number(1)))
	}
	cls := e.float(e.Op("Equal", row, e.Whole(0)))
	e.stand(e.Op("Mul", e.Op("Add", padding, cls), e.Number(far)))
	if e.use.Draw != nil {
		e.place = e.places(row)
	}
	return ids, types
}

// places is, for every row, its place in the draw, below 0: first comes largest.
func (e *exporter) places(row onnx.Value) onnx.Value {
	var below []float32
	for _, k := range e.use.Draw.Place() {
		below = append(below, -float32(k))
	}
	place := e.Op("Gather", e.Weight("draw", below, len(below)), row)
	return e.Op("Expand", place, e.Op("Shape", e.standing))
}

// pad fills the inputs up to N rows, as the votes of padding want it.
func (e *exporter) pad(in []onnx.Value) []onnx.Value {
	missing := e.Op("Max", e.Op("Sub", e.Vector(e.use.Length), e.columns(in[0])), e.Vector(0))
	widths := e.Op("Concat", e.Vector(0, 0, 0), missing, onnx.Int("axis", 0))
	var padded []onnx.Value
	for _, v := range in {
		padded = append(padded, e.Op("Pad", e.Op("Mul", v, in[1]), widths))
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
	name := e.names.Embeddings
	x := e.Op("Gather", e.weight(name+"word_embeddings.weight"), ids)
	x = e.Op("Add", x, e.Op("Gather", e.weight(name+"position_embeddings.weight"), e.rows(ids)))
	x = e.Op("Add", x, e.Op("Gather", e.weight(name+"token_type_embeddings.weight"), types))
	x = e.norm(x, name+"LayerNorm")
	if e.names.Mapping != "" {
		x = e.linear(x, e.names.Mapping)
	}
	return x
}

// encoder is encoder j as layers.Encoder has it: x (b, n, h), result (b, k, h).
// The rows that do not go on are left out right after the attention probabilities;
// of the last encoder only [CLS] goes on.
func (e *exporter) encoder(j int, x onnx.Value) onnx.Value {
	name := e.names.Encoder(j)
	var q, k, v onnx.Value
	last := j == e.config.NumHiddenLayers-1
	if last {
		kv := e.heads(x, name.Key, name.Value)
		x = e.Op("Slice", x, e.Vector(0), e.Vector(1), e.Vector(1))
		q, k, v = e.heads(x, name.Query)[0], kv[0], kv[1]
	} else {
		qkv := e.heads(x, name.Query, name.Key, name.Value)
		q, k, v = qkv[0], qkv[1], qkv[2]
	}
	k = e.Op("Transpose", k, onnx.Ints("perm", 0, 1, 3, 2))
	scores := e.Op("Mul", e.Op("MatMul", q, k), e.Number(1/math.Sqrt(float64(e.width()))))
	p := e.Op("Softmax", e.Op("Add", scores, e.bias), onnx.Int("axis", -1)) // (b, a, n, n)
	if e.use.Keep != nil && !last {
		x, p = e.extract(e.use.Keep[j], x, p)
	}
	y := e.Op("Transpose", e.Op("MatMul", p, v), onnx.Ints("perm", 0, 2, 1, 3))
	y = e.Op("Reshape", y, e.Vector(0, 0, e.config.HiddenSize))
	y = e.norm(e.Op("Add", x, e.linear(y, name.Projection)), name.AttentionNorm)
	z := e.gelu(e.linear(y, name.Intermediate))
	return e.norm(e.Op("Add", y, e.linear(z, name.Output)), name.OutputNorm)
}

// width is that of a head.
func (e *exporter) width() int { return e.config.HiddenSize / e.config.NumAttentionHeads }

// heads are several of query, key and value, in this order, by one product:
// (b, a, n, h/a) each.
func (e *exporter) heads(x onnx.Value, parts ...string) []onnx.Value {
	x = e.linears(x, joined(parts), parts[0], parts[len(parts)-1], len(parts)*e.config.HiddenSize)
	x = e.Op("Reshape", x, e.Vector(0, 0, len(parts)*e.config.NumAttentionHeads, e.width()))
	x = e.Op("Transpose", x, onnx.Ints("perm", 0, 2, 1, 3))
	return e.Ops("Split", len(parts), x, onnx.Int("axis", 1))
}

// joined is the name of several tensors as one: a.query and a.key are a.query_key.
func joined(names []string) string {
	all := names[0]
	for _, n := range names[1:] {
		all += "_" + n[strings.LastIndexByte(n, '.')+1:]
	}
	return all
}

// extract takes rows out of x (b, n, h) and p (b, a, n, n), as ops.Selection has it:
// [CLS] stays and the others of largest significance, in their order, the lower
// index before its equals.
func (e *exporter) extract(keep int, x, p onnx.Value) (xKept, pKept onnx.Value) {
	ranks := e.ranks(p)
	count, k := e.counts(keep)
	byRank := e.Ops("TopK", 2, ranks, k, onnx.Int("axis", 1))[1]
	sorted := e.Ops("TopK", 2, byRank, k, onnx.Int("axis", 1), onnx.Int("largest", 0))
	rows, rank := sorted[0], sorted[1] // (b, k): entering rows, and the rank of each
	standing := e.Op("GatherElements", e.standing, rows, onnx.Int("axis", 1))
	if e.use.Relative {
		standing = e.Op("Where", e.Op("Less", rank, count), standing, e.Number(-2*far))
	}
	e.stand(standing)
	if e.use.Draw != nil {
		e.place = e.Op("GatherElements", e.place, rows, onnx.Int("axis", 1))
	}
	xKept = e.Op("GatherND", x, e.Op("Unsqueeze", rows, e.Vector(2)), onnx.Int("batch_dims", 1))
	ofHeads := e.Op("Expand", e.Op("Unsqueeze", rows, e.Vector(1, 3)), e.Vector(1, e.config.NumAttentionHeads, 1, 1))
	pKept = e.Op("GatherND", p, ofHeads, onnx.Int("batch_dims", 2))
	return xKept, pKept
}

// ranks orders rows (b, n), those that are kept first. Of a draw with absolute
// ranks a position beyond a sequence's end counts, as any other.
func (e *exporter) ranks(p onnx.Value) onnx.Value {
	switch {
	case e.use.Draw == nil:
		return e.Op("Add", e.significance(p), e.standing)
	case e.use.Relative:
		return e.Op("Add", e.place, e.standing)
	}
	return e.place
}

// significance is the attention (b, n) that each row receives from those that vote.
func (e *exporter) significance(p onnx.Value) onnx.Value {
	received := e.Op("ReduceSum", p, e.Vector(1), onnx.Int("keepdims", 0)) // (b, n, n)
	if e.use.SubtractDiagonal {
		row := e.rows(e.standing)
		diagonal := e.Op("Equal", row, e.Op("Unsqueeze", row, e.Vector(1)))
		received = e.Op("Where", diagonal, e.Number(0), received)
	}
	above := -far / 2.0
	if e.use.PadQueriesVote {
		above -= far
	}
	votes := e.float(e.Op("Greater", e.standing, e.Number(above)))
	return e.Op("Squeeze", e.Op("MatMul", e.Op("Unsqueeze", votes, e.Vector(1)), received), e.Vector(1))
}

// counts is how many rows each sequence keeps, (b, 1), where ranks are relative,
// and how many the longest does, as a vector: ops.Scoring.Rows.
func (e *exporter) counts(keep int) (count, k onnx.Value) {
	if e.use.Draw != nil && !e.use.Relative {
		drawn := e.Op("Cast", e.Op("Greater", e.place, e.Number(-float64(keep))), onnx.Int("to", int(onnx.Int64)))
		count = e.Op("ReduceSum", drawn, e.Vector(1))
		return "", e.Op("ReduceMax", count, onnx.Ints("axes", 0), onnx.Int("keepdims", 0))
	}
	if !e.use.Relative {
		return "", e.Op("Min", e.columns(e.standing), e.Vector(keep))
	}
	n := e.Op("Add", e.Op("Mul", e.length, e.Whole(keep)), e.Whole(e.use.Length-1))
	count = e.Op("Max", e.Op("Div", n, e.Whole(e.use.Length)), e.Whole(1))
	return count, e.Op("ReduceMax", count, onnx.Ints("axes", 0), onnx.Int("keepdims", 0))
}

// gelu is GELU in its exact form, in the order that ONNX Runtime knows as one, or in
// its tanh form.
func (e *exporter) gelu(x onnx.Value) onnx.Value {
	if e.config.HiddenAct == "gelu_new" {
		return e.geluTanh(x)
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

func (e *exporter) norm(x onnx.Value, name string) onnx.Value {
	return e.Op("LayerNormalization", x, e.weight(name+".weight"), e.weight(name+".bias"),
		onnx.Int("axis", -1), onnx.Float("epsilon", e.config.LayerNormEps))
}

func (e *exporter) linear(x onnx.Value, name string) onnx.Value {
	t, _ := e.params.Lookup(name + ".bias")
	return e.linears(x, name, name, name, t.Size)
}

// linears is x·Wᵀ + b for the weights from the first to the last, which are
// neighbours and have out rows together.
func (e *exporter) linears(x onnx.Value, name, first, last string, out int) onnx.Value {
	weight, bias := e.params.Span(first+".weight", last+".weight"), e.params.Span(first+".bias", last+".bias")
	x = e.Op("MatMul", x, e.Transposed(name+".weight", weight, len(weight)/out, out))
	return e.Op("Add", x, e.Weight(name+".bias", bias, out))
}

// weight adds a tensor as the checkpoint has it.
func (e *exporter) weight(name string) onnx.Value {
	t, _ := e.params.Lookup(name)
	return e.Weight(name, e.params.Slice(name), t.Shape...)
}
