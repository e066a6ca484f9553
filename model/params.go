package model

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/layers"
)

// Tensor names a contiguous range of the parameters' memory.
type Tensor struct {
	Name   string // as in a checkpoint of transformers' classifier or BertForMaskedLM
	Shape  []int  // linear weights are (out, in)
	Offset int    // of the first element in the arena
	Size   int    // elements
}

// Params is all parameters of a model in one piece of memory, so that
// copies, gradients and the optimiser's state have the same layout. The
// tensors follow one another without a gap: embeddings; their mapping to H, in ALBERT;
// per encoder, or once where all share them, the weights of query, key and value,
// then their biases (so that the three are one linear layer), attention output,
// feed-forward; then pooler and classifier, or the head of masked-language
// modelling, whose decoder is the word embeddings.
type Params[T kernel.Float] struct {
	arena   []T
	tensors []Tensor
	index   map[string]int
	std     float64 // initializer_range
	tables  string  // what the names of the embedding begin with
}

// NewParams reserves the parameters of c, all zero. c must be valid.
func NewParams[T kernel.Float](c Config) *Params[T] {
	tensors := layout(&c)
	last := tensors[len(tensors)-1]
	p := &Params[T]{
		arena: kernel.Make[T](last.Offset + last.Size), tensors: tensors,
		index: make(map[string]int, len(tensors)), std: c.InitializerRange,
		tables: c.Family().Embeddings,
	}
	for i, t := range tensors {
		p.index[t.Name] = i
	}
	return p
}

// Arena is the memory of all parameters, in the order of Tensors.
func (p *Params[T]) Arena() []T { return p.arena }

// Tensors lists the parameters in the order of their memory.
func (p *Params[T]) Tensors() []Tensor { return p.tensors }

// Lookup finds a tensor by its name.
func (p *Params[T]) Lookup(name string) (Tensor, bool) {
	i, ok := p.index[name]
	if !ok {
		return Tensor{}, false
	}
	return p.tensors[i], true
}

// Slice is the memory of a tensor, row-major; nil where there is none of that name.
func (p *Params[T]) Slice(name string) []T { return p.Span(name, name) }

// Span is the memory from the first named tensor to the last; nil where a name
// is unknown or last lies before first.
func (p *Params[T]) Span(first, last string) []T {
	a, okA := p.Lookup(first)
	b, okB := p.Lookup(last)
	end := b.Offset + b.Size
	if !okA || !okB || end < a.Offset+a.Size {
		return nil
	}
	return p.arena[a.Offset:end:end]
}

// Matrix returns nil: the weights may change.
func (p *Params[T]) Matrix(first, last string) kernel.Matrix[T] { return nil }

// layout lists the tensors of c in the order of their memory.
func layout(c *Config) []Tensor {
	var l list
	f, h, e := c.Family(), c.HiddenSize, c.embedding()
	l.add(f.Embeddings+"word_embeddings.weight", c.VocabSize, e)
	l.add(f.Embeddings+"position_embeddings.weight", c.MaxPositionEmbeddings, e)
	l.add(f.Embeddings+"token_type_embeddings.weight", c.TypeVocabSize, e)
	l.norm(f.Embeddings+"LayerNorm", e)
	if f.Mapping != "" {
		l.linear(f.Mapping, h, e)
	}
	for j := range c.encoders() {
		l.encoder(f.Encoder(j), h, c.IntermediateSize)
	}
	if c.MaskedLM() {
		l.linear(maskedLMPrefix+"transform.dense", h, h)
		l.norm(maskedLMPrefix+"transform.LayerNorm", h)
		l.add(maskedLMPrefix+"bias", c.VocabSize)
		return l
	}
	l.linear(f.Pooler, h, h)
	l.linear("classifier", c.Outputs(), h)
	return l
}

// list grows tensor by tensor.
type list []Tensor

func (l *list) add(name string, shape ...int) {
	t := Tensor{Name: name, Shape: shape, Size: 1}
	for _, n := range shape {
		t.Size *= n
	}
	if n := len(*l); n > 0 {
		t.Offset = (*l)[n-1].Offset + (*l)[n-1].Size
	}
	*l = append(*l, t)
}

func (l *list) linear(name string, out, in int) {
	l.add(name+".weight", out, in)
	l.add(name+".bias", out)
}

func (l *list) norm(name string, h int) {
	l.add(name+".weight", h)
	l.add(name+".bias", h)
}

func (l *list) encoder(n layers.EncoderNames, h, f int) {
	self := []string{n.Query, n.Key, n.Value}
	for _, s := range self {
		l.add(s+".weight", h, h)
	}
	for _, s := range self {
		l.add(s+".bias", h)
	}
	l.linear(n.Projection, h, h)
	l.norm(n.AttentionNorm, h)
	l.linear(n.Intermediate, f, h)
	l.linear(n.Output, h, f)
	l.norm(n.OutputNorm, h)
}
