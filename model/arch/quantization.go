package arch

import (
	"fmt"
	"slices"
	"strings"
)

// Quantization says that the weights of the linear layers and the table of words are stored
// as 8-bit integers, power_quantization of config.json. The layer of the outputs, biases,
// LayerNorms and the other tables, which are small, are not.
type Quantization struct {
	Scheme string   `json:"scheme"`        // SchemeInt8 or SchemeSmooth
	Words  bool     `json:"words"`         // the table of words, which older directories have in float32
	Float  []string `json:"float32"`       // linear layers that are not quantised, by name
	Source string   `json:"source"`        // name of the directory whose weights were quantised
	SHA256 string   `json:"source_sha256"` // of its files of weights
}

// SchemeInt8 is weights as integers, -127 … 127, with a float32 scale for each output, or
// word, to be multiplied by word-vectors in bytes with a scale and a zero point each.
const SchemeInt8 = "int8"

// SchemeSmooth is SchemeInt8 with factors for the inputs of each product, by which the weights
// are divided. Its name is another, since who knows no factors would compute something else.
const SchemeSmooth = "int8-smooth"

// Smooth tells whether products have factors.
func (q *Quantization) Smooth() bool { return q.Scheme == SchemeSmooth }

// Int8Suffix and ScaleSuffix follow the name of a weight in those of its integers and of
// their scales, FactorSuffix that of a product's first weight in that of the factors of what
// it reads: no name of theirs is that of a weight in float.
const (
	Int8Suffix   = ".int8"
	ScaleSuffix  = ".scale"
	FactorSuffix = ".factor"
)

// Products lists the weights of linear layers by the products that they enter: query, key
// and value are one.
func Products(tensors []Tensor) (products [][]Tensor) {
	for i, t := range tensors {
		if t.Role != LinearWeight || t.Joins {
			continue
		}
		end := i + 1
		for end < len(tensors) && tensors[end].Joins {
			end++
		}
		products = append(products, tensors[i:end])
	}
	return products
}

// Quantizable lists the products whose weights may be quantised: all but that of the
// outputs, which has too few to be worth it.
func (n *Net) Quantizable() [][]Tensor {
	return slices.DeleteFunc(Products(n.Tensors()), func(p []Tensor) bool { return p[0].Outputs })
}

// LayerName returns the name of the linear layer that a weight belongs to.
func (t *Tensor) LayerName() string { return strings.TrimSuffix(t.Name, ".weight") }

// LayerName returns the name of the layer that looks its rows up.
func (t *Table) LayerName() string { return strings.TrimSuffix(t.Name, ".weight") }

// Quantised lists the products whose weights are, as q says.
func (n *Net) Quantised(q *Quantization) [][]Tensor {
	return slices.DeleteFunc(n.Quantizable(), func(p []Tensor) bool { return slices.Contains(q.Float, p[0].LayerName()) })
}

// Stored lists the tensors of the file of a quantised model in order: those of the
// network, with two, integers and scales, in the place of each weight that is quantised, and
// factors before those of the first of a product.
func (n *Net) Stored(q *Quantization) (stored []Tensor) {
	quantised, first := make(map[string]bool), make(map[string]bool)
	for _, product := range n.Quantised(q) {
		for _, t := range product {
			quantised[t.Name] = true
		}
		first[product[0].Name] = q.Smooth()
	}
	quantised[n.Embedding.Words.Name] = q.Words
	for _, t := range n.Tensors() {
		if !quantised[t.Name] {
			stored = append(stored, t)
			continue
		}
		if first[t.Name] {
			factors := t
			factors.Name, factors.Role, factors.Shape = t.Name+FactorSuffix, Int8Factor, t.Shape[1:]
			stored = append(stored, factors)
		}
		integers, scales := t, t
		integers.Name, integers.Role = t.Name+Int8Suffix, Int8Weight
		scales.Name, scales.Role, scales.Shape = t.Name+ScaleSuffix, Int8Scale, t.Shape[:1]
		stored = append(stored, integers, scales)
	}
	return stored
}

// FloatLayers names what a model that is quantised so has in float32 that could be in int8;
// nil: none of one that is not.
func (n *Net) FloatLayers(q *Quantization) []string {
	switch {
	case q == nil:
		return nil
	case q.Words:
		return q.Float
	}
	return append([]string{n.Embedding.Words.LayerName()}, q.Float...)
}

// check reports what makes q no quantisation of a network.
func (q *Quantization) check(n *Net) (errs []error) {
	if q.Scheme != SchemeInt8 && q.Scheme != SchemeSmooth {
		errs = append(errs, fmt.Errorf("power_quantization.scheme is %q, want %q or %q", q.Scheme, SchemeInt8, SchemeSmooth))
	}
	known := make(map[string]bool)
	for _, product := range n.Quantizable() {
		var names, float []string
		for _, t := range product {
			names, known[t.LayerName()] = append(names, t.LayerName()), true
			if slices.Contains(q.Float, t.LayerName()) {
				float = append(float, t.LayerName())
			}
		}
		if len(float) > 0 && len(float) < len(names) {
			errs = append(errs, fmt.Errorf("power_quantization.float32 has %s, want all of %s or none: they are one product",
				strings.Join(float, ", "), strings.Join(names, ", ")))
		}
	}
	for _, name := range q.Float {
		if !known[name] {
			errs = append(errs, fmt.Errorf("power_quantization.float32 has %q, which is no linear layer that could be quantised", name))
		}
	}
	return errs
}
