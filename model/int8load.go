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
	c, err := ReadConfig(ConfigFile(dir))
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
	c, err := ReadConfig(ConfigFile(dir))
	if err != nil {
		return nil, err
	}
	if c.Quantization == nil {
		return LoadTrained[float32](dir)
	}
	c.SetClassifier()
	floats, matrices, err := readInt8(dir, c)
	if err != nil {
		return nil, err
	}
	p := NewParams[float32](c)
	for _, t := range p.Tensors() {
		copy(p.Slice(t.Name), floats.Slice(t.Name)) // none, of what is quantised
	}
	for i, product := range c.Net().Quantised(c.Quantization) {
		copy(p.Span(product[0].Name, product[len(product)-1].Name), matrices[i].Floats())
	}
	return &Loaded[float32]{Config: c, Params: p}, nil
}

// loadInt8 reads the weights of a quantised model as its networks read them.
func loadInt8(dir string, c arch.Config) (*Frozen[float32], error) {
	floats, matrices, err := readInt8(dir, c)
	if err != nil {
		return nil, err
	}
	f := floats.Freeze()
	for i, product := range c.Net().Quantised(c.Quantization) {
		f.add(product, matrices[i])
	}
	return f, nil
}

// readInt8 reads the tensors of a quantised model that are floats, scales among them, and a
// matrix for each product that is quantised.
func readInt8(dir string, c arch.Config) (floats *Params[float32], matrices []*kernel.Int8, err error) {
	if _, err := kernel.Int8Backends(); err != nil {
		return nil, nil, err
	}
	s, err := openInt8(dir)
	if err != nil {
		return nil, nil, err
	}
	defer s.close()
	tensors := c.Net().Stored(c.Quantization)
	plan, err := s.match(&c, tensors, false)
	if err == nil {
		err = untrained(dir, plan.fresh)
	}
	if err != nil {
		return nil, nil, cmp.Or(s.verify(), err)
	}
	floats = paramsOf[float32](c, slices.DeleteFunc(tensors, func(t arch.Tensor) bool { return t.Role == arch.Int8Weight }))
	if err := fill(floats, plan, 0); err != nil {
		return nil, nil, cmp.Or(s.verify(), err)
	}
	for _, product := range c.Net().Quantised(c.Quantization) {
		m, err := plan.int8(floats, product)
		if err != nil {
			return nil, nil, at(s.path, err)
		}
		matrices = append(matrices, m)
	}
	return floats, matrices, s.verify()
}

// int8 reads the integers of a product, whose scales are among the floats.
func (p *plan) int8(floats *Params[float32], product []arch.Tensor) (*kernel.Int8, error) {
	first, last := product[0], product[len(product)-1]
	out, in := outputsOf(product), first.Shape[1]
	values := make([]int8, out*in)
	rest := values
	for _, t := range product {
		from := p.source[t.Name+arch.Int8Suffix]
		data, err := from.file.Data(from.name)
		if err == nil {
			err = safetensors.DecodeInt8(&from.info, data, rest[:t.Elements()])
		}
		if err != nil {
			return nil, err
		}
		rest = rest[t.Elements():]
	}
	m, err := kernel.NewInt8(values, floats.Span(first.Name+arch.ScaleSuffix, last.Name+arch.ScaleSuffix), out, in)
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", first.LayerName(), last.LayerName(), err)
	}
	return m, nil
}
