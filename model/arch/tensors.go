package arch

import "cmp"

// A Role is what a tensor does, which decides how it begins, whether it decays and how
// its memory may lie.
type Role int

// The roles.
const (
	EmbeddingTable Role = iota // rows to look up
	LinearWeight               // (out, in)
	LinearBias
	NormWeight
	NormBias
	Int8Weight // LinearWeight as integers
	Int8Scale  // (out), of the integers of every output
	Int8Factor // (in), of what is multiplied by them
)

// A Tensor is one of the weights of a network.
type Tensor struct {
	Name    string // as in a checkpoint of transformers' class for the problem
	Shape   []int
	Role    Role
	Layer   int  // the encoder that it belongs to, from 1; 0: none, or all
	Depth   int  // 0 of what comes before the encoders, then that of its encoder, of one that all share L; L+1 of the head
	Head    bool // of the head: it begins anew where a checkpoint lacks it
	Outputs bool // has a row for each output, so that other labels make another of it
	Joins   bool // LinearWeight: enters one product with the weight before it
}

// Elements is how many values t holds.
func (t *Tensor) Elements() int {
	n := 1
	for _, size := range t.Shape {
		n *= size
	}
	return n
}

// Decays tells whether weight decay shrinks t: it spares biases and LayerNorms, as in
// BERT's own training.
func (t *Tensor) Decays() bool { return t.Role == EmbeddingTable || t.Role == LinearWeight }

// Tensors lists the weights in the order of their memory: embedding, the bias that all
// encoders' attention shares, encoders, the LayerNorm behind them, head. Of
// an encoder the weights of query, key and value come first, then their biases.
func (n *Net) Tensors() []Tensor {
	l := list{encoders: len(n.Blocks)}
	l.embedding(&n.Embedding)
	if r := n.Blocks[0].Attention.Relative; r != nil {
		l.table(r.Table)
	}
	for _, b := range n.Weighted() {
		l.block(&b)
	}
	l.layer, l.depth = 0, l.encoders+1
	if n.Norm != nil {
		l.norm(*n.Norm)
	}
	l.head(&n.Head)
	return l.all
}

// Parameters is how many there are: a float64, which no sizes of a broken file overflow.
func (n *Net) Parameters() (sum float64) {
	for _, t := range n.Tensors() {
		elements := 1.0
		for _, size := range t.Shape {
			elements *= float64(size)
		}
		sum += elements
	}
	return sum
}

// Weighted is the encoders with weights of their own: one where all share them.
func (n *Net) Weighted() []Block {
	if n.Blocks[0].Layer == 0 {
		return n.Blocks[:1]
	}
	return n.Blocks
}

// list grows tensor by tensor.
type list struct {
	all   []Tensor
	layer int // of those that follow
	depth int // likewise

	encoders int
}

func (l *list) add(name string, role Role, shape ...int) {
	l.all = append(l.all, Tensor{Name: name, Shape: shape, Role: role, Layer: l.layer, Depth: l.depth})
}

func (l *list) linear(x Linear) {
	l.add(x.Weight(), LinearWeight, x.Rows(), x.In)
	l.bias(x)
}

func (l *list) bias(x Linear) {
	if !x.NoBias {
		l.add(x.Bias(), LinearBias, x.Rows())
	}
}

func (l *list) norm(x Norm) {
	if x.Name == "" {
		return
	}
	l.add(x.Weight(), NormWeight, x.Width)
	if !x.NoBias {
		l.add(x.Bias(), NormBias, x.Width)
	}
}

// table adds one that has rows.
func (l *list) table(t Table) {
	if t.Rows > 0 {
		l.add(t.Name, EmbeddingTable, t.Rows, t.Width)
	}
}

func (l *list) embedding(e *Embedding) {
	for _, t := range []Table{e.Words, e.Positions, e.Types} {
		l.table(t)
	}
	l.norm(e.Norm)
	if e.Mapping != nil {
		l.linear(*e.Mapping)
	}
}

func (l *list) block(b *Block) {
	l.layer, l.depth = b.Layer, cmp.Or(b.Layer, l.encoders)
	a, f := &b.Attention, &b.FFN
	l.qkv(a)
	l.linear(a.Output)
	if !b.PreNorm {
		l.norm(a.Norm)
	}
	l.linear(f.In)
	l.linear(f.Out)
	l.norm(f.Norm)
	if b.PreNorm { // last: the first encoder has none, and all else has one place in all
		l.norm(a.Norm)
	}
}

// qkv is the weights of query, key and value, and then their biases.
func (l *list) qkv(a *Attention) {
	if a.Query.Of > 0 {
		l.linear(a.Query)
		return
	}
	all := []Linear{a.Query, a.Key, a.Value}
	for i, x := range all {
		l.add(x.Weight(), LinearWeight, x.Out, x.In)
		l.all[len(l.all)-1].Joins = i > 0
	}
	for _, x := range all {
		l.bias(x)
	}
}

func (l *list) head(h *Head) {
	first := len(l.all)
	l.linear(h.Dense)
	if h.Norm != nil {
		l.norm(*h.Norm)
	}
	if h.Masked {
		l.bias(h.Output)
	} else {
		l.outputs(h.Output)
	}
	for i := range l.all[first:] {
		l.all[first+i].Head = true
	}
}

// outputs is linear, of a layer that has a row for each output.
func (l *list) outputs(x Linear) {
	first := len(l.all)
	l.linear(x)
	for i := range l.all[first:] {
		l.all[first+i].Outputs = true
	}
}
