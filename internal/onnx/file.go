package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// container is the version of the container that a version of the operators came with: 8
// with 17 and 18, and one more with every other.
func container(opset int) int { return 8 + (opset-Oldest)/2 }

// MaxSize is the most bytes of a model in one file: protobuf counts in 31 bits.
const MaxSize = math.MaxInt32

// A Model is a graph and what is to be known about it.
type Model struct {
	Graph    *Graph
	Opset    int               // version of the operators
	Name     string            // of the graph
	Doc      string            // for people who look into the file
	Metadata map[string]string // for programs that run it
}

// A File is a model ready to be written. The weights are still where they were.
type File struct {
	Size   int64
	pieces []piece
}

// A piece is bytes, and the values of a tensor after them.
type piece struct {
	head   message
	values *tensor // or nil
}

// tensor is a TensorProto. Its values are raw, or those of data, which is a matrix
// (cols, rows) to be written transposed: with one row, just as it is.
type tensor struct {
	name string
	kind Kind
	dims []int
	raw  []byte
	data []float32
	rows int
}

// The fields of a GraphProto.
const (
	nodeField   = 1
	nameField   = 2
	tensorField = 5
	inputField  = 11
	outputField = 12
)

// File lays the model out. It reports an error where it is larger than MaxSize.
func (m *Model) File() (*File, error) {
	graph := message(m.Graph.nodes).text(nameField, m.Name)
	graph = append(graph, m.Graph.ends...)
	size, pieces := int64(len(graph)), []piece{{}, {head: graph}}
	for _, t := range m.Graph.tensors {
		head := t.head()
		pieces = append(pieces, piece{head, t})
		size += int64(len(head)) + t.size()
	}
	// The fields of a ModelProto; the graph comes last.
	opset := message(nil).text(1, "").integer(2, m.Opset)
	head := message(nil).integer(1, container(m.Opset)).text(2, "powerbert").text(6, m.Doc).bytes(8, opset)
	for _, key := range slices.Sorted(maps.Keys(m.Metadata)) {
		head = head.bytes(14, message(nil).text(1, key).text(2, m.Metadata[key]))
	}
	head = head.open(7, size)
	pieces[0].head = head
	size += int64(len(head))
	if size > MaxSize {
		return nil, fmt.Errorf("takes %.2f GiB as ONNX, want less than 2 GiB, the most that protobuf holds", float64(size)/(1<<30))
	}
	return &File{size, pieces}, nil
}

// WriteTo writes the file.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	c := &counter{w: w}
	for _, p := range f.pieces {
		if _, err := c.Write(p.head); err != nil {
			return c.n, err
		}
		if p.values == nil {
			continue
		}
		if err := p.values.write(c); err != nil {
			return c.n, err
		}
	}
	return c.n, nil
}

// counter counts what it writes.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// size is the bytes of the values.
func (t *tensor) size() int64 { return int64(len(t.raw)) + 4*int64(len(t.data)) }

// head is everything of the tensor, as a field of the graph, but its values.
func (t *tensor) head() message {
	var m message
	for _, d := range t.dims {
		m = m.integer(1, d)
	}
	m = m.integer(2, int(t.kind)).text(8, t.name).open(9, t.size())
	return append(message(nil).open(tensorField, int64(len(m))+t.size()), m...)
}

// write writes the values through a small buffer, little-endian.
func (t *tensor) write(w io.Writer) error {
	b := append(make([]byte, 0, 1<<15), t.raw...)
	for r := range t.rows {
		for i := r; i < len(t.data); i += t.rows {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(t.data[i]))
			if len(b) < 1<<15 {
				continue
			}
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}

// message is a protobuf message that grows field by field.
type message []byte

func (m message) integer(field protowire.Number, v int) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(v))
}

func (m message) text(field protowire.Number, v string) message {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), v)
}

func (m message) bytes(field protowire.Number, v message) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), v)
}

// open begins a field of so many bytes, which follow.
func (m message) open(field protowire.Number, size int64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.BytesType), uint64(size))
}
