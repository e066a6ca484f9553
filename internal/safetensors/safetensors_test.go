package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	nlpodyssey "github.com/nlpodyssey/safetensors"
)

// file makes the bytes of a file from its header and data.
func file(header, data string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func open(b []byte) (*File, error) { return New(bytes.NewReader(b), int64(len(b))) }

// written is the bytes that Write makes.
func written(t *testing.T, metadata map[string]string, tensors ...Tensor) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ramp is n different floats.
func ramp[T Float](n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(i)/7 - 3
	}
	return x
}

func TestWriteIsTheFormat(t *testing.T) {
	got := written(t, map[string]string{"format": "pt"},
		Tensor{"b", []int{2}, []float32{1, -2}}, Tensor{"a", nil, []int64{-1}})
	header := `{"__metadata__":{"format":"pt"},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},` +
		`"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`
	header += strings.Repeat(" ", 7-(len(header)+7)%8)
	want := file(header, "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x80\x3f\x00\x00\x00\xc0")
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestRoundTrip(t *testing.T) {
	odd := bufferSize/8 + 13 // ends inside the second buffer
	tensors := []Tensor{
		{"double", []int{odd}, ramp[float64](odd)},
		{"ints", []int{3, 1}, []int64{math.MinInt64, 0, math.MaxInt64}},
		{"bytes", []int{5}, []int8{math.MinInt8, -1, 0, 1, math.MaxInt8}},
		{"single", []int{7, 2, 5}, ramp[float32](70)},
		{"special", []int{4}, []float32{float32(math.Inf(1)), float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, math.MaxFloat32}},
		{"empty", []int{0, 5}, []float32{}},
		{`odd "name" é`, []int{1}, []float32{1}},
	}
	f, err := open(written(t, map[string]string{"step": "12"}, tensors...))
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	byName := func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(got, byName)
	slices.SortFunc(tensors, byName)
	if !reflect.DeepEqual(got, tensors) {
		t.Error("tensors read are not those written")
	}
	if f.Metadata()["step"] != "12" || len(f.Metadata()) != 1 {
		t.Errorf("metadata is %v", f.Metadata())
	}
}

func TestReadConverts(t *testing.T) {
	f, err := open(file(`{"half":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"brain":{"dtype":"BF16","shape":[2],"data_offsets":[6,10]},`+
		`"double":{"dtype":"F64","shape":[1],"data_offsets":[10,18]}}`,
		"\x00\x3c\x00\xc1\x01\x00"+"\x80\x3f\x20\xc1"+"\x9a\x99\x99\x99\x99\x99\xb9\x3f"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float64{
		"half": {1, -2.5, 1.0 / (1 << 24)}, "brain": {1, -10}, "double": {0.1},
	} {
		wide, narrow := make([]float64, len(want)), make([]float32, len(want))
		if err := errors.Join(Read(f, name, wide), Read(f, name, narrow)); err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			if wide[i] != w || narrow[i] != float32(w) {
				t.Errorf("%s[%d] is %v and %v, want %v", name, i, wide[i], narrow[i], w)
			}
		}
	}
}

// Every half is widened exactly: its value by the definition of binary16.
func TestEveryHalf(t *testing.T) {
	for h := range 1 << 16 {
		exp, mant := h>>10&31, float64(h&1023)
		want := math.Ldexp(1+mant/1024, exp-15)
		switch {
		case exp == 0:
			want = math.Ldexp(mant/1024, -14)
		case exp == 31 && mant == 0:
			want = math.Inf(1)
		case exp == 31:
			want = math.NaN()
		}
		if h>>15 == 1 {
			want = -want
		}
		got := halfToFloat(uint16(h))
		if math.IsNaN(want) && got != got {
			continue
		}
		if float64(got) != want || math.Signbit(float64(got)) != (h>>15 == 1) {
			t.Fatalf("half %#04x is %v, want %v", h, got, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	f, err := open(file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"i":{"dtype":"I64","shape":[1],"data_offsets":[8,16]},`+
		`"x":{"dtype":"F4","shape":[3],"data_offsets":[16,18]}}`, strings.Repeat("\x00", 18)))
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]error{
		`there is no tensor "v"`:                                       Read(f, "v", make([]float32, 2)),
		`tensor "w" has 2 elements, want 3`:                            Read(f, "w", make([]float32, 3)),
		`tensor "i" has dtype I64, want F32, F16, BF16 or F64`:         Read(f, "i", make([]float32, 1)),
		`tensor "x" has dtype F4, want F32, F16, BF16 or F64`:          Read(f, "x", make([]float64, 3)),
		`tensor "w" has dtype F32, want I8`:                            DecodeInt8(&Info{Name: "w", DType: "F32"}, nil, nil),
		`tensor "w" has dtype F32, want I64`:                           ReadInts(f, "w", make([]int64, 2)),
		`tensor "i" has 1 elements, want 2`:                            ReadInts(f, "i", make([]int64, 2)),
		`tensor "x" has dtype F4, want F32, F16, BF16, F64, I64 or I8`: func() error { _, err := f.ReadAll(); return err }(),
	} {
		if got == nil || got.Error() != want {
			t.Errorf("got error %v, want %s", got, want)
		}
	}
}

// A file that shrinks after its header was read is reported.
func TestReadOfAFileThatShrank(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := os.WriteFile(path, written(t, nil, Tensor{"w", []int{50}, ramp[float32](50)}), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if err := Read(f, "w", make([]float32, 50)); err == nil || err.Error() != `tensor "w": unexpected EOF` {
		t.Errorf("error is %v, want the tensor and that the file ends", err)
	}
}

func TestOpenNeedsAFile(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		dir:                          "open " + dir + ": not a regular file",
		filepath.Join(dir, "absent"): "open " + dir + "/absent: no such file or directory",
	} {
		if _, err := Open(path); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		tensors []Tensor
		want    string
	}{
		{[]Tensor{{"w", []int{2}, []int32{1, 2}}}, `tensor "w": data is []int32, want []float32, []float64, []int64 or []int8`},
		{[]Tensor{{"w", []int{2, 2}, []float32{1, 2}}}, `tensor "w" of shape (2, 2) has 2 values, want 4`},
		{[]Tensor{{"w", []int{1}, []float32{1}}, {"w", []int{1}, []float32{2}}}, `tensor "w": the name is taken`},
		{[]Tensor{{"__metadata__", []int{1}, []float32{1}}}, `tensor "__metadata__": the name is taken`},
	} {
		var b bytes.Buffer
		if err := Write(&b, nil, c.tensors); err == nil || err.Error() != c.want {
			t.Errorf("error is %v, want %s", err, c.want)
		}
		if b.Len() > 0 {
			t.Errorf("%s: %d bytes were written", c.want, b.Len())
		}
	}
}

// limited fails once it has taken its bytes.
type limited int

func (l *limited) Write(p []byte) (int, error) {
	if *l -= limited(len(p)); *l < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteReportsEveryFailure(t *testing.T) {
	tensors := []Tensor{{"d", []int{3}, ramp[float64](3)}, {"i", []int{1}, []int64{5}}, {"s", []int{9}, ramp[float32](9)}}
	size := len(written(t, nil, tensors...))
	for n := range size {
		room := limited(n)
		if err := Write(&room, nil, tensors); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("with room for %d of %d bytes the error is %v", n, size, err)
		}
	}
}

// Another implementation reads what Write writes, and New what it writes.
func TestAgreesWithAnotherImplementation(t *testing.T) {
	ours := written(t, map[string]string{"format": "pt"}, Tensor{"w", []int{2, 3}, ramp[float32](6)}, Tensor{"v", []int{1}, []float64{0.1}})
	theirs, err := nlpodyssey.Deserialize(ours)
	if err != nil {
		t.Fatal(err)
	}
	w, ok := theirs.Tensor("w")
	if !ok || w.DType() != nlpodyssey.F32 || !slices.Equal(w.Shape(), []uint64{2, 3}) || theirs.Len() != 2 {
		t.Errorf("it reads %v", theirs.Names())
	}
	views := make(map[string]nlpodyssey.TensorView)
	for _, named := range theirs.Tensors() {
		views[named.Name] = named.TensorView
	}
	again, err := nlpodyssey.Serialize(views, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := open(again)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, 6)
	if err := Read(f, "w", got); err != nil || !slices.Equal(got, ramp[float32](6)) {
		t.Errorf("read back %v, %v", got, err)
	}
}

// The reference tensors were written by the script that made them, with NumPy.
func TestReadsReferenceTensors(t *testing.T) {
	dir := os.Getenv("POWERBERT_DATA")
	if dir == "" {
		t.Skip("POWERBERT_DATA is not set: no reference tensors")
	}
	f, err := Open(filepath.Join(dir, "golden", "weights.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := f.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	word, ok := f.Lookup("bert.embeddings.word_embeddings.weight")
	if !ok || !slices.Equal(word.Shape, []int{50, 16}) || len(all) != len(f.Tensors()) || f.Metadata()["format"] != "pt" {
		t.Errorf("read %d of %d tensors, word embeddings %v, metadata %v", len(all), len(f.Tensors()), word, f.Metadata())
	}
}
