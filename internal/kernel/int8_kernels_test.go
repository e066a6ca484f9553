package kernel

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestChooseKernel(t *testing.T) {
	var first *int8Kernel
	for _, k := range int8Kernels {
		got, err := chooseKernel(k.name)
		if what := k.lacks(); what != "" {
			if err == nil || !strings.Contains(err.Error(), `POWERBERT_KERNEL is "`+k.name+`", but this machine has no `+what) || !strings.HasSuffix(err.Error(), "go") {
				t.Errorf("%s: error %v", k.name, err)
			}
			continue
		}
		if err != nil || got != k {
			t.Errorf("%s: %v, error %v", k.name, got, err)
		}
		if first == nil && !k.byName {
			first = k
		}
	}
	if got, err := chooseKernel(""); err != nil || got != first {
		t.Errorf("without a name the kernel is %v, want %v (error %v)", got, first, err)
	}
	if _, err := chooseKernel("sse"); err == nil || !strings.Contains(err.Error(), `POWERBERT_KERNEL is "sse", want one of `) {
		t.Errorf("error %v", err)
	}
}

// What the system refuses is not taken, and what is for names only by its name.
func TestChooseKernelRefused(t *testing.T) {
	old := int8Kernels
	defer func() { int8Kernels = old }()
	refused, named := *goInt8, *goInt8
	refused.name, refused.permit = "refused", func() error { return os.ErrPermission }
	named.name, named.byName = "named", true
	int8Kernels = []*int8Kernel{&refused, &named, goInt8}
	if k, err := chooseKernel(""); k != goInt8 || err != nil {
		t.Errorf("kernel %v, error %v", k, err)
	}
	if k, err := chooseKernel("named"); k != &named || err != nil {
		t.Errorf("kernel %v, error %v", k, err)
	}
	if _, err := chooseKernel("refused"); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("error %v", err)
	}
}

// The variable decides for the whole process, so a process of its own reads it here.
func TestKernelVariable(t *testing.T) {
	if os.Getenv("KERNEL_TEST") != "" {
		list, err := Int8Backends()
		for _, b := range list {
			if b.InUse {
				t.Logf("in use: %s.", b.Name)
			}
		}
		if _, err2 := NewInt8([]int8{1}, []float32{1}, 1, 1); err2 != err {
			t.Errorf("the list says %v, the matrix %v", err, err2)
		}
		t.Logf("error: %v.", err)
		return
	}
	for name, want := range map[string]string{"go": "in use: go.", "sse": `error: POWERBERT_KERNEL is "sse", want one of`, "": "error: <nil>."} {
		c := exec.Command(os.Args[0], "-test.run=^TestKernelVariable$", "-test.v")
		c.Env = append(os.Environ(), "KERNEL_TEST=1", "POWERBERT_KERNEL="+name)
		out, err := c.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("an emulated program cannot start itself")
		}
		if err != nil || !strings.Contains(string(out), want) || (name == "sse") == strings.Contains(string(out), "in use") {
			t.Errorf("%q: %v\n%s", name, err, out)
		}
	}
}

func TestNewInt8Errors(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		values  []int8
		scales  []float32
		out, in int
		want    string
	}{
		{make([]int8, 6), make([]float32, 2), 2, 4, "6 weights and 2 scales, want 2·4 and 2"},
		{make([]int8, 8), make([]float32, 1), 2, 4, "8 weights and 1 scales, want 2·4 and 2"},
		{nil, nil, 0, 4, "0 weights and 0 scales, want 0·4 and 0"},
		{nil, []float32{1}, 1, 0, "0 weights and 1 scales, want 1·0 and 1"},
		{[]int8{1, 2, 3, 4, -128, 6}, []float32{1, 1}, 2, 3, "weight 1 of output 1 is -128, want -127 … 127"},
		{[]int8{1, 2}, []float32{1, inf}, 2, 1, "the scale of output 1 is +Inf, want a finite number"},
		{make([]int8, 66312), []float32{1}, 1, 66312, "66312 inputs, want at most 66311: sums of 8-bit products have 32 bits"},
	} {
		if _, err := NewInt8(c.values, c.scales, c.out, c.in); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	if _, _, err := QuantizeWeights([]float32{1, 2, 3, inf}, 2, 2); err == nil || err.Error() != "weights of output 1: element 1 is +Inf, want a finite number" {
		t.Errorf("error %v", err)
	}
}

// Weights by the definition: a scale of the largest over 127, ties to even, zeros.
func TestQuantizeWeights(t *testing.T) {
	v, c, err := QuantizeWeights([]float32{-254, 3, 5, 254, 0, 0, 0, 0, 0x1p-140, 0, 0, -0x1p-140}, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int8{-127, 2, 2, 127, 0, 0, 0, 0, 0, 0, 0, 0} {
		if v[i] != want {
			t.Errorf("weight %d is %d, want %d", i, v[i], want)
		}
	}
	for j, want := range []float32{2, 0x1p-126, 0x1p-126} {
		if c[j] != want {
			t.Errorf("scale %d is %g, want %g", j, c[j], want)
		}
	}
}
