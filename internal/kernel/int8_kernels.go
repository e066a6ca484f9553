package kernel

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// int8Kernel is one way to compute the int8 product.
type int8Kernel struct {
	name     string
	lacks    func() string // what this machine does not have for it; "": nothing
	permit   func() error  // asks the system to let this process run it; nil: no need
	byName   bool          // taken only where it is named
	rows     int           // of a tile, at most
	cols     int           // of a tile, and of a panel of weights
	wide     bool          // a tile has as many panels as there are
	adds     bool          // tile adds the addend
	group    int           // neighbours in a row of weights that stay side by side
	depth    int           // elements of a row that a step takes
	bytes    int           // of a stored activation,
	offset   int32         // which is less by so much
	span     func(x []float32) (lo, hi float32)
	quantize func(dst []byte, x []float32, r float32, z int32)
	tile     func(t *int8Tile)
	curve    func(t *int8Tile) // nil: tile applies it
}

// Variable is the environment variable that names the kernel of int8 products. Without
// it a process takes the first that the machine has of those that need not be named.
// These have been run on such processors or, for arm64, under QEMU; amx and avxvnni so
// far only with their instructions emulated one by one.
const Variable = "POWERBERT_KERNEL"

// Int8Backend is a kernel of int8 products.
type Int8Backend struct {
	Name  string
	Lacks string // what this machine does not have for it; "": nothing
	InUse bool
}

// Int8Backends lists the kernels of int8 products for the architecture, the preferred
// ones first, and says which is in use. It reports an error where POWERBERT_KERNEL names
// none that runs here; the list is right even then.
func Int8Backends() ([]Int8Backend, error) {
	chosen, err := chosenKernel()
	list := make([]Int8Backend, len(int8Kernels))
	for i, k := range int8Kernels {
		list[i] = Int8Backend{Name: k.name, Lacks: k.lacks(), InUse: k == chosen}
	}
	return list, err
}

// chosenKernel is the kernel of this process, chosen as the first matrix is made.
var chosenKernel = sync.OnceValues(func() (*int8Kernel, error) { return chooseKernel(os.Getenv(Variable)) })

// chooseKernel is the named kernel or, for an empty name, the first that this machine
// has of those that need not be named.
func chooseKernel(name string) (*int8Kernel, error) {
	for _, k := range int8Kernels {
		if name == "" && !k.byName && k.ready() == nil {
			return k, nil
		}
		if name == k.name {
			if err := k.ready(); err != nil {
				return nil, fmt.Errorf("%s is %q, but %w; want one of %s", Variable, name, err, runnable())
			}
			return k, nil
		}
	}
	return nil, fmt.Errorf("%s is %q, want one of %s", Variable, name, runnable())
}

// ready reports why a kernel cannot run, having asked for the permission that it needs.
func (k *int8Kernel) ready() error {
	if what := k.lacks(); what != "" {
		return fmt.Errorf("this machine has no %s", what)
	}
	if k.permit != nil {
		return k.permit()
	}
	return nil
}

// runnable lists the kernels that this machine has.
func runnable() string {
	var names []string
	for _, k := range int8Kernels {
		if k.lacks() == "" {
			names = append(names, k.name)
		}
	}
	return strings.Join(names, ", ")
}
