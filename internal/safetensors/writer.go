package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// Tensor is a tensor in memory.
type Tensor struct {
	Name  string
	Shape []int // empty: a scalar
	Data  any   // []float32, []float64, []int64 or []int8, row-major
}

// ReadAll reads every tensor of f whose dtype is a float's, I64 or I8: F64 into
// []float64, F32, F16 and BF16 into []float32, I64 into []int64, I8 into []int8.
func (f *File) ReadAll() ([]Tensor, error) {
	tensors := make([]Tensor, 0, len(f.tensors))
	for _, t := range f.tensors {
		data, err := f.readAny(&t)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, Tensor{t.Name, t.Shape, data})
	}
	return tensors, nil
}

func (f *File) readAny(t *Info) (any, error) {
	switch t.DType {
	case "F64":
		data := make([]float64, t.Size())
		return data, Read(f, t.Name, data)
	case "I64":
		data := make([]int64, t.Size())
		return data, ReadInts(f, t.Name, data)
	case "I8":
		data := make([]int8, t.Size())
		return data, f.readInt8(t, data)
	case "F32", "F16", "BF16":
		data := make([]float32, t.Size())
		return data, Read(f, t.Name, data)
	}
	return nil, fmt.Errorf("tensor %q has dtype %s, want F32, F16, BF16, F64, I64 or I8", t.Name, t.DType)
}

func (f *File) readInt8(t *Info, dst []int8) error {
	data, err := f.Data(t.Name)
	if err != nil {
		return err
	}
	return DecodeInt8(t, data, dst)
}

// DTypeOf is the dtype of the slices that Tensor holds, and their length.
func DTypeOf(data any) (dtype string, length int, err error) {
	switch d := data.(type) {
	case []float32:
		return "F32", len(d), nil
	case []float64:
		return "F64", len(d), nil
	case []int64:
		return "I64", len(d), nil
	case []int8:
		return "I8", len(d), nil
	}
	return "", 0, fmt.Errorf("data is %T, want []float32, []float64, []int64 or []int8", data)
}

// Write writes tensors and metadata, which may be nil. Tensors keep their order,
// but for those of larger elements, which come first so that all are aligned.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	tensors = slices.Clone(tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int { return elementSize(b) - elementSize(a) })
	text, err := marshal(metadata, tensors)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	buffer := make([]byte, 0, bufferSize)
	for _, t := range tensors {
		if err := writeData(w, buffer, t.Data); err != nil {
			return err
		}
	}
	return nil
}

func elementSize(t Tensor) int {
	dtype, _, _ := DTypeOf(t.Data)
	return int(sizes[dtype])
}

// marshal makes the length and the header, filled up with spaces to a multiple
// of 8 bytes.
func marshal(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 8))
	sep := byte('{')
	member := func(name string, value any) error {
		k, _ := json.Marshal(name)
		v, err := json.Marshal(value)
		b.WriteByte(sep)
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
		sep = ','
		return err
	}
	if len(metadata) > 0 {
		if err := member("__metadata__", metadata); err != nil {
			return nil, err
		}
	}
	entries, err := places(tensors)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if err := member(tensors[i].Name, e); err != nil {
			return nil, err
		}
	}
	if sep == '{' {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	text := b.Bytes()
	binary.LittleEndian.PutUint64(text, uint64(len(text)-8))
	return text, nil
}

// places lays the tensors one after another.
func places(tensors []Tensor) ([]entry, error) {
	entries := make([]entry, len(tensors))
	seen := make(map[string]bool)
	var at int64
	for i, t := range tensors {
		dtype, length, err := DTypeOf(t.Data)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if n := (&Info{Shape: t.Shape}).Size(); n != length {
			return nil, fmt.Errorf("tensor %q of shape %s has %d values, want %d", t.Name, FormatShape(t.Shape), length, n)
		}
		if seen[t.Name] || t.Name == "__metadata__" {
			return nil, fmt.Errorf("tensor %q: the name is taken", t.Name)
		}
		seen[t.Name] = true
		end := at + int64(length)*sizes[dtype]
		entries[i] = entry{DType: dtype, Shape: make([]int64, len(t.Shape)), Offsets: []int64{at, end}}
		for k, n := range t.Shape {
			entries[i].Shape[k] = int64(n)
		}
		at = end
	}
	return entries, nil
}

// writeData writes the values of a tensor through buffer.
func writeData(w io.Writer, buffer []byte, data any) error {
	switch d := data.(type) {
	case []float32:
		return encode(w, buffer, d, func(b []byte, v float32) []byte {
			return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		})
	case []float64:
		return encode(w, buffer, d, func(b []byte, v float64) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		})
	case []int64:
		return encode(w, buffer, d, func(b []byte, v int64) []byte {
			return binary.LittleEndian.AppendUint64(b, uint64(v))
		})
	case []int8:
		return encode(w, buffer, d, func(b []byte, v int8) []byte { return append(b, byte(v)) })
	}
	return nil
}

func encode[E any](w io.Writer, buffer []byte, data []E, put func([]byte, E) []byte) error {
	for len(data) > 0 {
		n := min(len(data), cap(buffer)/8)
		b := buffer[:0]
		for _, v := range data[:n] {
			b = put(b, v)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
