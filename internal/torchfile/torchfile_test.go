package torchfile

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/safetensors"
)

// contents is what testdata/make.py put into its files.
var contents = []safetensors.Info{
	{Name: "single", DType: "F32", Shape: []int{7, 2, 5}}, {Name: "double", DType: "F64", Shape: []int{13}},
	{Name: "half", DType: "F16", Shape: []int{3, 5}}, {Name: "brain", DType: "BF16", Shape: []int{5, 3}},
	{Name: "long", DType: "I64", Shape: []int{1, 9}}, {Name: "bool", DType: "BOOL", Shape: []int{50}},
	{Name: "scalar", DType: "F32", Shape: []int{}}, {Name: "empty", DType: "F32", Shape: []int{0, 4}},
	{Name: "parameter", DType: "F32", Shape: []int{4, 3}}, {Name: "tied", DType: "F32", Shape: []int{7, 2, 5}},
	{Name: "rows", DType: "F32", Shape: []int{3, 6}}, {Name: "columns", DType: "F32", Shape: []int{11, 2}},
	{Name: "transposed", DType: "F16", Shape: []int{5, 7}}, {Name: "permuted", DType: "F32", Shape: []int{4, 2, 3}},
	{Name: "expanded", DType: "F32", Shape: []int{1, 1}},
}

// ramp is element i of every tensor of testdata/make.py.
func ramp(i int) float64 { return float64(i%100)/4 - 8 }

func TestReadsWhatPyTorchWrites(t *testing.T) {
	for _, name := range []string{"zip.bin", "protocol4.bin", "legacy.bin"} {
		t.Run(name, func(t *testing.T) {
			f, err := Open(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got := f.Tensors(); !slices.EqualFunc(got, contents, sameInfo) {
				t.Errorf("tensors are %v\nwant %v", got, contents)
			}
			for _, want := range contents {
				info, ok := f.Lookup(want.Name)
				if !ok || !sameInfo(info, want) {
					t.Errorf("looked up %v, want %v", info, want)
				}
				if isFloat := strings.Contains(want.DType, "F"); isFloat {
					checkValues(t, f, &info)
				}
			}
			long := bytesOf(t, f, "long")
			if len(long) != 72 || int64(long[8*8])-256 != int64(math.Floor(ramp(8))) {
				t.Errorf("long is % x", long)
			}
			if b := bytesOf(t, f, "bool"); len(b) != 50 || b[32] != 0 || b[33] != 1 {
				t.Errorf("bool is % x", b)
			}
		})
	}
}

func sameInfo(a, b safetensors.Info) bool {
	return a.Name == b.Name && a.DType == b.DType && slices.Equal(a.Shape, b.Shape)
}

// checkValues reads a tensor as float32 and as float64.
func checkValues(t *testing.T, f *File, info *safetensors.Info) {
	t.Helper()
	single, double := make([]float32, info.Size()), make([]float64, info.Size())
	if err := safetensors.Decode(info, data(t, f, info.Name), single); err != nil {
		t.Fatal(err)
	}
	if err := safetensors.Decode(info, data(t, f, info.Name), double); err != nil {
		t.Fatal(err)
	}
	for i := range double {
		if double[i] != ramp(i) || float64(single[i]) != ramp(i) {
			t.Fatalf("%s[%d] is %v and %v, want %v", info.Name, i, single[i], double[i], ramp(i))
		}
	}
}

func data(t *testing.T, f *File, name string) io.Reader {
	t.Helper()
	r, err := f.Data(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func bytesOf(t *testing.T, f *File, name string) []byte {
	t.Helper()
	b, err := io.ReadAll(data(t, f, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A view that is gathered comes whole however small the pieces are.
func TestGatherInPieces(t *testing.T) {
	f, err := Open("testdata/zip.bin")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	whole := bytesOf(t, f, "permuted")
	for size := 1; size < 11; size++ {
		var got bytes.Buffer
		if _, err := io.CopyBuffer(struct{ io.Writer }{&got}, data(t, f, "permuted"), make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), whole) || got.Len() != 96 {
			t.Errorf("in pieces of %d it is % x, want % x", size, got.Bytes(), whole)
		}
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
	f, err := Open("testdata/zip.bin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Data("absent"); err == nil || err.Error() != `there is no tensor "absent"` {
		t.Errorf("error is %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Data("transposed"); err == nil {
		t.Error("a closed file gives data")
	}
}

// A file that ends anywhere before its end is an error, and never a panic.
func TestEveryTruncation(t *testing.T) {
	for _, name := range []string{"zip.bin", "legacy.bin"} {
		whole, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for n := range whole {
			if _, err := New(bytes.NewReader(whole[:n]), int64(n)); err == nil {
				t.Fatalf("%s: the first %d of %d bytes are taken for a whole file", name, n, len(whole))
			}
		}
	}
}
