package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/powerbert/powerbert/internal/wire"
)

// A Checked is what Check found in a file.
type Checked struct {
	Operators int      `json:"operators"`
	Tensors   int      `json:"tensors"` // weights and constants
	Values    int      `json:"values"`  // in them
	Inputs    []string `json:"inputs"`
	Outputs   []string `json:"outputs"`
	Metadata  []string `json:"metadata"` // its keys
}

// Check reads a model file that File wrote, or another one without external data and
// subgraphs, and reports an error where its graph cannot run: an operator that reads what
// is not made before it, an output that is not made, two values of one name, a tensor
// whose bytes are not as many as its shape says, a weight that is NaN or infinite. Whether
// the operators compute what is meant it does not say.
func Check(content []byte) (*Checked, error) {
	c := &checker{made: map[string]bool{}}
	err := wire.Fields(content, func(field protowire.Number, v wire.Field) error {
		switch field {
		case 7:
			c.graphs++
			return c.graph(v.Bytes)
		case 14:
			return c.entry(v.Bytes)
		}
		return nil
	})
	if err == nil && c.graphs != 1 {
		err = fmt.Errorf("has %d graphs, want one", c.graphs)
	}
	return &c.Checked, err
}

// A checker is a Check under way.
type checker struct {
	Checked
	graphs int
	made   map[string]bool // values, by name
}

// entry reads a pair of the metadata.
func (c *checker) entry(content []byte) error {
	return wire.Fields(content, func(field protowire.Number, v wire.Field) error {
		if field == 1 {
			c.Metadata = append(c.Metadata, string(v.Bytes))
		}
		return nil
	})
}

// graph checks a GraphProto: what it is given first, then its operators in their order.
func (c *checker) graph(content []byte) error {
	err := wire.Fields(content, func(field protowire.Number, v wire.Field) error {
		switch field {
		case tensorField:
			return c.tensor(v.Bytes)
		case inputField:
			return c.named(v.Bytes, &c.Inputs)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range c.Inputs {
		if err := c.make(name); err != nil {
			return err
		}
	}
	return wire.Fields(content, func(field protowire.Number, v wire.Field) error {
		switch field {
		case nodeField:
			return c.operator(v.Bytes)
		case outputField:
			if err := c.named(v.Bytes, &c.Outputs); err != nil {
				return err
			}
			if name := c.Outputs[len(c.Outputs)-1]; !c.made[name] {
				return fmt.Errorf("the output %q is made by no operator", name)
			}
		}
		return nil
	})
}

// named adds the name of a ValueInfoProto to a list.
func (c *checker) named(content []byte, list *[]string) error {
	return wire.Fields(content, func(field protowire.Number, v wire.Field) error {
		if field == 1 {
			*list = append(*list, string(v.Bytes))
		}
		return nil
	})
}

// make notes that a value is there from now on.
func (c *checker) make(name string) error {
	if c.made[name] {
		return fmt.Errorf("two values are called %q", name)
	}
	c.made[name] = true
	return nil
}

// operator checks a NodeProto, all of whose inputs must be there.
func (c *checker) operator(content []byte) error {
	var made []string
	err := wire.Fields(content, func(field protowire.Number, v wire.Field) error {
		switch name := string(v.Bytes); {
		case field == 1 && name != "" && !c.made[name]:
			return fmt.Errorf("operator %d reads %q, which nothing before it makes", c.Operators+1, name)
		case field == 2:
			made = append(made, name)
		}
		return nil
	})
	c.Operators++
	for _, name := range made {
		if err == nil {
			err = c.make(name)
		}
	}
	return err
}

// tensor checks a TensorProto with raw data.
func (c *checker) tensor(content []byte) error {
	var name string
	var kind Kind
	var raw []byte
	values := 1
	err := wire.Fields(content, func(field protowire.Number, v wire.Field) error {
		switch field {
		case 1:
			values *= int(v.Number)
		case 2:
			kind = Kind(v.Number)
		case 8:
			name = string(v.Bytes)
		case 9:
			raw = v.Bytes
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Tensors, c.Values = c.Tensors+1, c.Values+values
	if err := fits(raw, kind, values); err != nil {
		return fmt.Errorf("tensor %q %w", name, err)
	}
	return c.make(name)
}

// fits checks the bytes of so many values.
func fits(raw []byte, kind Kind, values int) error {
	size, known := map[Kind]int{Float32: 4, Uint8: 1, Int8: 1, Int64: 8}[kind]
	switch {
	case !known:
		return fmt.Errorf("is of the type %d, want %d (float32), %d (uint8), %d (int8) or %d (int64)", kind, Float32, Uint8, Int8, Int64)
	case len(raw) != size*values:
		return fmt.Errorf("has %d bytes, want %d for its shape", len(raw), size*values)
	}
	for ; kind == Float32 && len(raw) > 0; raw = raw[4:] {
		if v := float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))); math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("holds NaN or infinity")
		}
	}
	return nil
}
