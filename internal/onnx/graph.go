// Package onnx builds a graph of ONNX operators and writes it as a model file,
// which ONNX Runtime and others run (https://github.com/onnx/onnx, IR.md and
// Operators.md). It knows the container only: that operators are there, and that
// their inputs fit, is for its caller to get right.
package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// The versions of the operators that a file may be of: from the first that has
// LayerNormalization on.
const (
	Oldest = 17
	Newest = 23
)

// Kind is the type of a tensor's elements, by its number in TensorProto.DataType.
type Kind int

// The kinds, by their numbers in the format.
const (
	Float32 Kind = 1
	Uint8   Kind = 2
	Int8    Kind = 3
	Int64   Kind = 7
)

// A Value is the name of a tensor: an input, a weight, a constant or what an
// operator makes.
type Value string

// A Graph grows operator by operator, each after those it reads. The zero value
// is empty.
type Graph struct {
	nodes   []byte            // marshalled
	ends    []byte            // inputs and outputs, marshalled
	tensors []*tensor         // weights and constants
	shared  map[Value]*tensor // the same, by name
	values  int               // made by operators
}

// Input declares what a caller gives; a dimension that varies has a name, the
// others are numbers: Input("ids", Int64, "batch", 128).
func (g *Graph) Input(name string, kind Kind, dims ...any) Value {
	g.end(inputField, name, kind, dims)
	return Value(name)
}

// Output declares v as what a caller gets under a name.
func (g *Graph) Output(name string, v Value, kind Kind, dims ...any) {
	g.node("Identity", []Arg{v}, Value(name))
	g.end(outputField, name, kind, dims)
}

func (g *Graph) end(field protowire.Number, name string, kind Kind, dims []any) {
	var shape message
	for _, d := range dims {
		var dim message
		switch d := d.(type) {
		case int:
			dim = dim.integer(1, d)
		default:
			dim = dim.text(2, fmt.Sprint(d))
		}
		shape = shape.bytes(1, dim)
	}
	tensorType := message(nil).integer(1, int(kind)).bytes(2, shape)
	info := message(nil).text(1, name).bytes(2, message(nil).bytes(1, tensorType))
	g.ends = message(g.ends).bytes(field, info)
}

// Weight adds a tensor under its own name, or finds it where it was added before.
// data is read when the model is written.
func (g *Graph) Weight(name string, data []float32, dims ...int) Value {
	return g.once(&tensor{name: name, kind: Float32, dims: dims, data: data, rows: 1})
}

// Transposed adds the transpose of data, which is a matrix (cols, rows), as a
// matrix (rows, cols). It is transposed as it is written.
func (g *Graph) Transposed(name string, data []float32, rows, cols int) Value {
	return g.once(&tensor{name: name, kind: Float32, dims: []int{rows, cols}, data: data, rows: rows})
}

// Integers adds data of 8 bits.
func (g *Graph) Integers(name string, data []int8, dims ...int) Value {
	raw := make([]byte, len(data))
	for i, v := range data {
		raw[i] = byte(v)
	}
	return g.once(&tensor{name: name, kind: Int8, dims: dims, raw: raw})
}

// TransposedIntegers adds the transpose of data of 8 bits, which is a matrix (cols, rows), as
// a matrix (rows, cols).
func (g *Graph) TransposedIntegers(name string, data []int8, rows, cols int) Value {
	raw := make([]byte, len(data))
	for i, v := range data {
		raw[i%rows*cols+i/rows] = byte(v)
	}
	return g.once(&tensor{name: name, kind: Int8, dims: []int{rows, cols}, raw: raw})
}

// Byte is a scalar constant of 8 bits without a sign.
func (g *Graph) Byte(v uint8) Value {
	return g.once(&tensor{name: fmt.Sprint("byte ", v), kind: Uint8, raw: []byte{v}})
}

// Number is a scalar constant.
func (g *Graph) Number(v float64) Value {
	raw := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(v)))
	return g.once(&tensor{name: fmt.Sprint("number ", float32(v)), kind: Float32, raw: raw})
}

// Whole is a scalar constant of whole numbers.
func (g *Graph) Whole(v int) Value {
	return g.once(&tensor{name: fmt.Sprint("whole ", v), kind: Int64, raw: raw64(v)})
}

// Vector is a constant of whole numbers, such as a shape or a list of axes.
func (g *Graph) Vector(v ...int) Value {
	name := strings.Trim(fmt.Sprint(v), "[]")
	return g.once(&tensor{name: "vector " + name, kind: Int64, dims: []int{len(v)}, raw: raw64(v...)})
}

func raw64(v ...int) []byte {
	var raw []byte
	for _, n := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(n))
	}
	return raw
}

// once adds t, or finds it where it was added before.
func (g *Graph) once(t *tensor) Value {
	if g.shared == nil {
		g.shared = make(map[Value]*tensor)
	}
	v := Value(t.name)
	if g.shared[v] == nil {
		g.shared[v] = t
		g.tensors = append(g.tensors, t)
	}
	return v
}

// An Arg of an operator is a Value that it reads or an Attr.
type Arg interface{ addTo(node message) message }

func (v Value) addTo(n message) message { return n.text(1, string(v)) }
func (a Attr) addTo(n message) message  { return n.bytes(5, message(a)) }

// An Attr is an attribute of an operator, marshalled.
type Attr []byte

// The types of an attribute (AttributeProto.AttributeType).
const (
	attrFloat = 1
	attrInt   = 2
	attrInts  = 7
)

// Int is an attribute that is a whole number.
func Int(name string, v int) Attr {
	return Attr(message(nil).text(1, name).integer(3, v).integer(20, attrInt))
}

// Ints is an attribute that is a list of whole numbers.
func Ints(name string, v ...int) Attr {
	m := message(nil).text(1, name)
	for _, n := range v {
		m = m.integer(8, n)
	}
	return Attr(m.integer(20, attrInts))
}

// Float is an attribute that is a number.
func Float(name string, v float64) Attr {
	m := message(nil).text(1, name)
	m = protowire.AppendTag(m, 2, protowire.Fixed32Type)
	m = protowire.AppendFixed32(m, math.Float32bits(float32(v)))
	return Attr(m.integer(20, attrFloat))
}

// Op adds an operator that makes one tensor.
func (g *Graph) Op(op string, args ...Arg) Value { return g.Ops(op, 1, args...)[0] }

// Ops adds an operator that makes several.
func (g *Graph) Ops(op string, outputs int, args ...Arg) []Value {
	made := make([]Value, outputs)
	for i := range made {
		g.values++
		made[i] = Value(fmt.Sprintf("%s.%d", op, g.values))
	}
	g.node(op, args, made...)
	return made
}

// node adds a NodeProto, named after what it makes.
func (g *Graph) node(op string, args []Arg, made ...Value) {
	var n message
	for _, a := range args {
		n = a.addTo(n)
	}
	for _, v := range made {
		n = n.text(2, string(v))
	}
	n = n.text(3, string(made[0])).text(4, op)
	g.nodes = message(g.nodes).bytes(1, n)
}
