package gradcheck

import (
	"embed"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata/*.safetensors
var files embed.FS

// Case is a set of named golden tensors.
type Case struct {
	Name    string
	Tensors map[string]Tensor
}

// Load finds a case by name: Golden or Reference, so that one test can run on
// both.
type Load func(t testing.TB, name string) Case

// Golden reads one of the project's own golden cases: "weights", "inputs",
// "ops", "dense", "soft_extract_relative", ...
func Golden(t testing.TB, name string) Case {
	t.Helper()
	data, err := files.ReadFile("testdata/" + name + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, name, data)
}

// Reference reads a case of the same layout from $POWERBERT_DATA/golden, made by
// other hands. The test is skipped where there is none.
func Reference(t testing.TB, name string) Case {
	t.Helper()
	root := os.Getenv("POWERBERT_DATA")
	if root == "" {
		t.Skip("POWERBERT_DATA is not set: no reference golden vectors")
	}
	data, err := os.ReadFile(filepath.Join(root, "golden", name+".safetensors"))
	if os.IsNotExist(err) {
		t.Skipf("POWERBERT_DATA has no golden case %q", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, name, data)
}

func parsed(t testing.TB, name string, data []byte) Case {
	t.Helper()
	tensors, err := parse(data)
	if err != nil {
		t.Fatalf("golden case %s: %v", name, err)
	}
	return Case{Name: name, Tensors: tensors}
}

// Sub is the tensors whose names begin with prefix and a dot, under the rest of
// their names: Sub("grad") has every gradient by its weight's name.
func (c Case) Sub(prefix string) Case {
	sub := Case{Name: c.Name + "." + prefix, Tensors: map[string]Tensor{}}
	for name, t := range c.Tensors {
		if rest, ok := strings.CutPrefix(name, prefix+"."); ok {
			sub.Tensors[rest] = t
		}
	}
	return sub
}

// Names are the tensors' names, sorted.
func (c Case) Names() []string { return slices.Sorted(maps.Keys(c.Tensors)) }

// Has tells whether the case has a tensor of that name.
func (c Case) Has(name string) bool {
	_, ok := c.Tensors[name]
	return ok
}

// Tensor is the tensor of that name; the test fails if there is none.
func (c Case) Tensor(t testing.TB, name string) Tensor {
	t.Helper()
	found, ok := c.Tensors[name]
	if !ok {
		t.Fatalf("golden case %s has no tensor %q; it has %s", c.Name, name, strings.Join(c.Names(), ", "))
	}
	return found
}

// Floats are the elements of a floating-point tensor, row-major, widened.
func (c Case) Floats(t testing.TB, name string) []float64 {
	t.Helper()
	found := c.Tensor(t, name)
	if found.Floats == nil {
		t.Fatalf("golden tensor %s of %s holds integers, want floats", name, c.Name)
	}
	return found.Floats
}

// Ints are the elements of an integer tensor, row-major.
func (c Case) Ints(t testing.TB, name string) []int {
	t.Helper()
	found := c.Tensor(t, name)
	if found.Ints == nil {
		t.Fatalf("golden tensor %s of %s holds floats, want integers", name, c.Name)
	}
	return found.Ints
}

// Cast is the elements of a floating-point tensor as T.
func Cast[T float32 | float64](t testing.TB, c Case, name string) []T {
	t.Helper()
	wide := c.Floats(t, name)
	out := make([]T, len(wide))
	for i, v := range wide {
		out[i] = T(v)
	}
	return out
}
