package model

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
)

// int8File holds the weights of a quantised model. Neither its name nor those of the
// integers in it are known to what reads Hugging Face directories, so that nothing takes
// the integers for weights.
const int8File = "model.int8.safetensors"

// An Int8Product is the linear layers that enter one product, quantised, or the table of
// words, by which ids are multiplied in effect.
type Int8Product struct {
	Layers  []string                   // by name: one, or query, key and value
	Static  *Static                    // the grid that it reads its inputs on; nil: each row has its own
	Words   *kernel.Int8Table[float32] // the table, which has neither Static nor a matrix; else nil
	factors []float32                  // of its inputs (in); nil: all 1
	matrix  kernel.Matrix[float32]
}

// Elements is how many weights the product has.
func (x *Int8Product) Elements() int {
	if x.Words != nil {
		return len(x.Words.Values)
	}
	out, in := x.matrix.Shape()
	return out * in
}

// QuantizeProducts quantises the table of words and then the weights of all linear layers
// but that of the outputs, product by product in the order of the network, and leaves p as
// it is. Where the ranges of what the products read are known, they are evened out.
func QuantizeProducts(p *Params[float32], ranges []Range) (all []Int8Product, err error) {
	words, err := quantizedWords(p)
	if err != nil {
		return nil, err
	}
	all = append(all, words)
	for i, tensors := range p.net.Quantizable() {
		x := Int8Product{Layers: layersOf(tensors)}
		if ranges != nil {
			x.factors = ranges[i].factors(p, tensors, evening)
		}
		m, err := quantized(p, tensors, x.factors)
		if err != nil {
			return nil, err
		}
		x.matrix = m.Smoothed(x.factors)
		all = append(all, x)
	}
	return all, nil
}

// quantized returns the weights of a product in int8, each divided by the factor of its
// input before; nil: all by 1.
func quantized(p *Params[float32], product []arch.Tensor, factors []float32) (*kernel.Int8, error) {
	var values []int8
	var scales []float32
	for _, t := range product {
		v, s, err := kernel.QuantizeWeights(divided(p.Slice(t.Name), factors), t.Shape[0], t.Shape[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.LayerName(), err)
		}
		values, scales = append(values, v...), append(scales, s...)
	}
	return kernel.NewInt8(values, scales, outputsOf(product), product[0].Shape[1])
}

// quantizedWords returns the table of words in int8.
func quantizedWords(p *Params[float32]) (Int8Product, error) {
	t := p.net.Embedding.Words
	values, scales, err := kernel.QuantizeWeights(p.Slice(t.Name), t.Rows, t.Width)
	if err != nil {
		return Int8Product{}, fmt.Errorf("%s: %w", t.Name, err)
	}
	words, err := kernel.NewInt8Table(values, scales, t.Rows, t.Width)
	return Int8Product{Layers: []string{t.LayerName()}, Words: words}, err
}

// layersOf names the layers of a product.
func layersOf(product []arch.Tensor) (names []string) {
	for _, t := range product {
		names = append(names, t.LayerName())
	}
	return names
}

// WithInt8 returns f with these products in the place of its own. It shares the memory of
// all others.
func WithInt8(f *Frozen[float32], products ...Int8Product) *Frozen[float32] {
	g := *f
	g.matrices = slices.Clone(f.matrices)
	for _, p := range products {
		if p.Words != nil {
			g.words = p.Words
			continue
		}
		g.matrices[f.places[arch.Linear{Name: p.Layers[0]}.Weight()].matrix] = p.matrix
	}
	return &g
}

// SaveInt8 writes c and p as a directory of which LoadFrozen makes the same network: the
// weights that c.Quantization says as integers with their scales, all else in float32,
// and config.json. With SchemeSmooth what the products read has the factors that it
// has in those of QuantizeProducts.
func SaveInt8(dir string, c arch.Config, p *Params[float32], products []Int8Product) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	factorsOf := map[string][]float32{}
	for _, x := range products {
		for _, layer := range x.Layers {
			factorsOf[arch.Linear{Name: layer}.Weight()] = x.factors
		}
	}
	var tensors []NamedTensor
	var scales []float32 // of the integers before
	for _, t := range c.Net().Stored(c.Quantization) {
		var data any
		switch t.Role {
		case arch.Int8Factor:
			data = factorsOf[strings.TrimSuffix(t.Name, arch.FactorSuffix)]
		case arch.Int8Weight:
			weight := strings.TrimSuffix(t.Name, arch.Int8Suffix)
			values, s, err := kernel.QuantizeWeights(divided(p.Slice(weight), factorsOf[weight]), t.Shape[0], t.Shape[1])
			if err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
			data, scales = values, s
		case arch.Int8Scale:
			data = scales
		default:
			data = p.Slice(t.Name)
		}
		tensors = append(tensors, NamedTensor{Name: t.Name, Shape: t.Shape, Data: data})
	}
	return save(dir, saved[float32](c), int8File, map[string]string{"format": "powerbert-int8"}, tensors, nil)
}
