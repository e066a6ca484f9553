package onnx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a message: its number, and either bytes or a number.
type field struct {
	number protowire.Number
	bytes  []byte
	value  uint64
}

// fields takes a message apart.
func fields(t *testing.T, m []byte) []field {
	t.Helper()
	var list []field
	for len(m) > 0 {
		number, kind, n := protowire.ConsumeTag(m)
		if n < 0 {
			t.Fatalf("no tag at %.20x", m)
		}
		f := field{number: number}
		m = m[n:]
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(m)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(m)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(m)
			f.value = uint64(v)
		}
		if n < 0 {
			t.Fatalf("field %d of kind %d is cut short", number, kind)
		}
		list, m = append(list, f), m[n:]
	}
	return list
}

// all are the fields of a number.
func all(list []field, number protowire.Number) (found []field) {
	for _, f := range list {
		if f.number == number {
			found = append(found, f)
		}
	}
	return found
}

// texts are the fields of a number as strings, comma between.
func texts(list []field, number protowire.Number) string {
	var s []string
	for _, f := range all(list, number) {
		s = append(s, string(f.bytes))
	}
	return strings.Join(s, ",")
}

func numbers(list []field, number protowire.Number) (v []int) {
	for _, f := range all(list, number) {
		v = append(v, int(f.value))
	}
	return v
}

func write(t *testing.T, m Model) []byte {
	t.Helper()
	file, err := m.File()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	n, err := file.WriteTo(&b)
	if err != nil || n != file.Size || int64(b.Len()) != n {
		t.Fatalf("wrote %d bytes and says %d (%v), want %d", b.Len(), n, err, file.Size)
	}
	return b.Bytes()
}

// The bytes of y = x + [1.5], by hand from onnx.proto.
func TestBytes(t *testing.T) {
	var g Graph
	x := g.Input("x", Float32, "n", 1)
	sum := g.Op("Add", x, g.Weight("w", []float32{1.5}, 1))
	g.Output("y", sum, Float32, 1)
	want := "\x08\x08" + // ir_version
		"\x12\x09powerbert" + // producer_name
		"\x32\x01d" + // doc_string
		"\x42\x04\x0a\x00\x10\x11" + // opset_import: domain "", version 17
		"\x72\x06\x0a\x01k\x12\x01v" + // metadata_props
		"\x3a\x6d" + // graph
		"\x0a\x19\x0a\x01x\x0a\x01w\x12\x05Add.1\x1a\x05Add.1\x22\x03Add" + // node: inputs, output, name, op_type
		"\x0a\x17\x0a\x05Add.1\x12\x01y\x1a\x01y\x22\x08Identity" +
		"\x12\x01m" + // name
		"\x5a\x14\x0a\x01x\x12\x0f\x0a\x0d\x08\x01\x12\x09\x0a\x03\x12\x01n\x0a\x02\x08\x01" + // input: type float, shape (n, 1)
		"\x62\x0f\x0a\x01y\x12\x0a\x0a\x08\x08\x01\x12\x04\x0a\x02\x08\x01" + // output
		"\x2a\x0d\x08\x01\x10\x01\x42\x01w\x4a\x04\x00\x00\xc0\x3f" // initializer: dims, data_type, name, raw_data
	got := write(t, Model{Graph: &g, Opset: Oldest, Name: "m", Doc: "d", Metadata: map[string]string{"k": "v"}})
	if string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestConstantsAreShared(t *testing.T) {
	var g Graph
	a, b := g.Vector(0, -1), g.Vector(0, -1)
	if a != b || g.Vector() == a || g.Vector(2) == g.Whole(2) || g.Whole(2) == g.Number(2) {
		t.Error("constants are one where they differ, or two where they are equal")
	}
	var got []string
	for _, tensor := range all(fields(t, all(fields(t, write(t, Model{Graph: &g, Opset: Oldest})), 7)[0].bytes), tensorField) {
		f := fields(t, tensor.bytes)
		got = append(got, fmt.Sprintf("%s %v %v %x", texts(f, 8), numbers(f, 1), numbers(f, 2), texts(f, 9)))
	}
	want := []string{
		"vector 0 -1 [2] [7] 0000000000000000ffffffffffffffff", "vector  [0] [7] ", "vector 2 [1] [7] 0200000000000000",
		"whole 2 [] [7] 0200000000000000", "number 2 [] [1] 00000040",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAttributes(t *testing.T) {
	var g Graph
	parts := g.Ops("Odd", 2, Value("a"), Ints("perm", 2, 0, -1), Int("axis", -1), Value("b"), Float("epsilon", 1e-12))
	if parts[0] == parts[1] {
		t.Errorf("both parts are %q", parts[0])
	}
	node := fields(t, fields(t, g.nodes)[0].bytes)
	if texts(node, 1) != "a,b" || texts(node, 2) != string(parts[0]+","+parts[1]) || texts(node, 4) != "Odd" {
		t.Errorf("node reads %s, makes %s, is %s", texts(node, 1), texts(node, 2), texts(node, 4))
	}
	attributes := all(node, 5)
	perm, axis, eps := fields(t, attributes[0].bytes), fields(t, attributes[1].bytes), fields(t, attributes[2].bytes)
	if texts(perm, 1) != "perm" || !slices.Equal(numbers(perm, 8), []int{2, 0, -1}) || numbers(perm, 20)[0] != attrInts {
		t.Errorf("perm is %v", perm)
	}
	if texts(axis, 1) != "axis" || numbers(axis, 3)[0] != -1 || numbers(axis, 20)[0] != attrInt {
		t.Errorf("axis is %v", axis)
	}
	if texts(eps, 1) != "epsilon" || numbers(eps, 2)[0] != int(math.Float32bits(1e-12)) || numbers(eps, 20)[0] != attrFloat {
		t.Errorf("epsilon is %v", eps)
	}
}

// A matrix larger than the buffer comes out as it is and transposed.
func TestWeights(t *testing.T) {
	const rows, cols = 37, 501
	data := make([]float32, rows*cols)
	for i := range data {
		data[i] = float32(i)
	}
	var g Graph
	g.Weight("plain", data, cols, rows)
	for range 2 { // the second time it is there
		g.Transposed("transposed", data, rows, cols)
	}
	graph := fields(t, all(fields(t, write(t, Model{Graph: &g, Opset: Oldest})), 7)[0].bytes)
	if n := len(all(graph, tensorField)); n != 2 {
		t.Fatalf("%d tensors, want 2", n)
	}
	for i, tensor := range all(graph, tensorField) {
		f := fields(t, tensor.bytes)
		raw := []byte(texts(f, 9))
		if len(raw) != 4*rows*cols || !slices.Equal(numbers(f, 1), [][]int{{cols, rows}, {rows, cols}}[i]) {
			t.Fatalf("%s has %d bytes, shape %v", texts(f, 8), len(raw), numbers(f, 1))
		}
		for at := range data {
			want := data[at]
			if i == 1 {
				want = data[at%cols*rows+at/cols]
			}
			if got := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*at:])); got != want {
				t.Fatalf("%s at %d is %v, want %v", texts(f, 8), at, got, want)
			}
		}
	}
}

// Integers come out in two's complement, transposed or as they are, a byte without a sign;
// Check reads all.
func TestIntegers(t *testing.T) {
	var g Graph
	g.TransposedIntegers("w", []int8{1, -2, 3, -127, 5, 127}, 3, 2) // (2, 3) here, (3, 2) there
	g.Integers("table", []int8{1, -2, 3, -127, 5, 127}, 2, 3)
	if first := g.Byte(200); first != g.Byte(200) || g.Byte(2) == g.Whole(2) {
		t.Error("bytes are not shared, or shared with whole numbers")
	}
	content := write(t, Model{Graph: &g, Opset: Oldest})
	var got []string
	for _, tensor := range all(fields(t, all(fields(t, content), 7)[0].bytes), tensorField) {
		f := fields(t, tensor.bytes)
		got = append(got, fmt.Sprintf("%s %v %v %x", texts(f, 8), numbers(f, 1), numbers(f, 2), texts(f, 9)))
	}
	// INT8 is 3 and UINT8 is 2 in onnx.proto.
	want := []string{"w [3 2] [3] 0181fe05037f", "table [2 3] [3] 01fe0381057f", "byte 200 [] [2] c8", "byte 2 [] [2] 02", "whole 2 [] [7] 0200000000000000"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if c, err := Check(content); err != nil || c.Values != 15 {
		t.Errorf("checked %+v (%v), want 15 values", c, err)
	}
}

// The same memory many times makes a model larger than its memory.
func TestTooLarge(t *testing.T) {
	var g Graph
	data := make([]float32, 1<<20)
	for i := range 512 {
		if file, err := (&Model{Graph: &g, Opset: Oldest}).File(); err != nil || file.Size > MaxSize {
			t.Fatalf("with %d weights: %v", i, err)
		}
		g.Weight(fmt.Sprint(i), data, 1<<20)
	}
	_, err := (&Model{Graph: &g, Opset: Oldest}).File()
	if want := "takes 2.00 GiB as ONNX, want less than 2 GiB, the most that protobuf holds"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

// full is a writer that takes so many bytes.
type full int

var errFull = errors.New("no space left")

func (f *full) Write(b []byte) (int, error) {
	if len(b) > int(*f) {
		return 0, errFull
	}
	*f -= full(len(b))
	return len(b), nil
}

func TestWriteErrors(t *testing.T) {
	var g Graph
	g.Weight("w", make([]float32, 1<<14), 1<<14)
	file, err := (&Model{Graph: &g, Opset: Oldest}).File()
	if err != nil {
		t.Fatal(err)
	}
	for _, room := range []full{0, 40, 1 << 15, full(file.Size) - 1} {
		if n, err := file.WriteTo(&room); !errors.Is(err, errFull) || n >= file.Size {
			t.Errorf("%d bytes written, error %v", n, err)
		}
	}
}

// Versions of the operators and of the container, as ONNX's Versioning.md has them.
func TestOpsets(t *testing.T) {
	for opset, version := range map[int]uint64{17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11} {
		model := fields(t, write(t, Model{Graph: new(Graph), Opset: opset}))
		if got := all(model, 1)[0].value; got != version {
			t.Errorf("opset %d: the container has version %d, want %d", opset, got, version)
		}
		if got := all(fields(t, all(model, 8)[0].bytes), 2)[0].value; got != uint64(opset) {
			t.Errorf("opset %d: the file says %d", opset, got)
		}
	}
}
