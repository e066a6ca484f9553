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
// encoders' attention shares, encoders, head. Of
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
	l.head(&n.Head)
	return l.all
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
	l.add(x.Weight(), LinearWeight, x.Out, x.In)
	l.add(x.Bias(), LinearBias, x.Out)
}

func (l *list) norm(x Norm) {
	l.add(x.Weight(), NormWeight, x.Width)
	l.add(x.Bias(), NormBias, x.Width)
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
	qkv := []Linear{a.Query, a.Key, a.Value}
	for _, x := range qkv {
		l.add(x.Weight(), LinearWeight, x.Out, x.In)
	}
	for _, x := range qkv {
		l.add(x.Bias(), LinearBias, x.Out)
	}
	l.linear(a.Output)
	l.norm(a.Norm)
	l.linear(f.In)
	l.linear(f.Out)
	l.norm(f.Norm)
}

func (l *list) head(h *Head) {
	first := len(l.all)
	l.linear(h.Dense)
	if h.Norm != nil {
		l.norm(*h.Norm)
	}
	if h.Masked {
		l.add(h.Output.Bias(), LinearBias, h.Output.Out)
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
