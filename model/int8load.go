package model

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/safetensors"
	"github.com/powerbert/powerbert/model/arch"
)

// LoadFrozen reads a model that is to be used as it is, as LoadTrained does, or one of
// int8 weights that SaveInt8 wrote.
func LoadFrozen(dir string) (arch.Config, *Frozen[float32], error) {
	if err := CheckDir(dir); err != nil {
		return arch.Config{}, nil, err
	}
	c, err := ReadConfig(dir)
	if err != nil {
		return c, nil, err
	}
	if c.Quantization != nil {
		c.SetClassifier()
		f, err := loadInt8(dir, c)
		return c, f, err
	}
	l, err := LoadTrained[float32](dir)
	if err != nil {
		return c, nil, err
	}
	return l.Config, l.Params.Freeze(), nil
}

// madeOf tells where the directory of a name is that int8 weights of dir were made of: its
// path where it stands beside, else that it is not there.
func madeOf(dir, name string) string {
	if path := filepath.Join(filepath.Dir(filepath.Clean(dir)), name); atomicfile.Exists(ConfigFile(path)) {
		return path
	}
	return fmt.Sprintf("which is called %s and does not stand beside it", name)
}

// LoadWeights is LoadTrained, and takes an int8 model, too, of which it reads the numbers
// that the integers stand for.
func LoadWeights(dir string) (*Loaded[float32], error) {
	if err := CheckDir(dir); err != nil {
		return nil, err
	}
	c, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	if c.Quantization == nil {
		return LoadTrained[float32](dir)
	}
	c.SetClassifier()
	q, err := readInt8(dir, c)
	if err != nil {
		return nil, err
	}
	p := NewParams[float32](c)
	for _, t := range p.Tensors() {
		copy(p.Slice(t.Name), q.floats.Slice(t.Name)) // none, of what is quantised
	}
	if q.words != nil {
		copy(p.Slice(p.net.Embedding.Words.Name), q.words.Floats())
	}
	for i, product := range c.Net().Quantised(c.Quantization) {
		copy(p.Span(product[0].Name, product[len(product)-1].Name), q.matrices[i].Floats())
	}
	return &Loaded[float32]{Config: c, Params: p}, nil
}

// loadInt8 reads the weights of a quantised model as its networks read them.
func loadInt8(dir string, c arch.Config) (*Frozen[float32], error) {
	q, err := readInt8(dir, c)
	if err != nil {
		return nil, err
	}
	f := q.floats.Freeze()
	f.words = q.words
	for i, product := range c.Net().Quantised(c.Quantization) {
		f.add(product, q.matrices[i])
	}
	return f, nil
}

// int8Weights is what the file of a quantised model holds.
type int8Weights struct {
	floats   *Params[float32]           // the scales among them
	words    *kernel.Int8Table[float32] // nil: among the floats
	matrices []*kernel.Int8             // of each product that is quantised
}

// readInt8 reads the tensors of a quantised model.
func readInt8(dir string, c arch.Config) (*int8Weights, error) {
	if _, err := kernel.Int8Backends(); err != nil {
		return nil, err
	}
	s, err := openInt8(dir)
	if err != nil {
		return nil, err
	}
	defer s.close()
	net := c.Net()
	tensors := net.Stored(c.Quantization)
	plan, err := s.match(&c, tensors, false)
	if err == nil {
		err = untrained(dir, plan.fresh)
	}
	if err != nil {
		return nil, cmp.Or(s.verify(), err)
	}
	q := &int8Weights{floats: paramsOf[float32](c, slices.DeleteFunc(tensors, func(t arch.Tensor) bool { return t.Role == arch.Int8Weight }))}
	if err := fill(q.floats, plan, 0); err != nil {
		return nil, cmp.Or(s.verify(), err)
	}
	if err := q.read(plan, net, c.Quantization); err != nil {
		return nil, at(s.path, err)
	}
	return q, s.verify()
}

// read reads the integers, whose scales are among the floats.
func (w *int8Weights) read(from *plan, n *arch.Net, q *arch.Quantization) error {
	if t := n.Embedding.Words; q.Words {
		values := make([]int8, t.Rows*t.Width)
		err := from.integers(t.Name, values)
		if err != nil {
			return err
		}
		if w.words, err = kernel.NewInt8Table(values, w.floats.Slice(t.Name+arch.ScaleSuffix), t.Rows, t.Width); err != nil {
			return fmt.Errorf("%s: %w", t.LayerName(), err)
		}
	}
	for _, product := range n.Quantised(q) {
		m, err := from.int8(w.floats, product)
		if err != nil {
			return err
		}
		w.matrices = append(w.matrices, m)
	}
	return nil
}

// integers reads those of a weight.
func (p *plan) integers(weight string, values []int8) error {
	from := p.source[weight+arch.Int8Suffix]
	data, err := from.file.Data(from.name)
	if err != nil {
		return err
	}
	return safetensors.DecodeInt8(&from.info, data, values)
}

// int8 reads the integers of a product, whose scales are among the floats.
func (p *plan) int8(floats *Params[float32], product []arch.Tensor) (*kernel.Int8, error) {
	first, last := product[0], product[len(product)-1]
	out, in := outputsOf(product), first.Shape[1]
	values := make([]int8, out*in)
	rest := values
	for _, t := range product {
		if err := p.integers(t.Name, rest[:t.Elements()]); err != nil {
			return nil, err
		}
		rest = rest[t.Elements():]
	}
	m, err := kernel.NewInt8(values, floats.Span(first.Name+arch.ScaleSuffix, last.Name+arch.ScaleSuffix), out, in)
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", first.LayerName(), last.LayerName(), err)
	}
	return m.Smoothed(floats.Slice(first.Name + arch.FactorSuffix)), nil
}
