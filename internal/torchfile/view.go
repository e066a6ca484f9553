package torchfile

import (
	"fmt"
	"io"
	"math"

	"github.com/powerbert/powerbert/internal/safetensors"
)

func elementSize(dtype string) int64 { return safetensors.ElementSize(dtype) }

// maxRank is the most dimensions of a tensor, as in PyTorch's kernels.
const maxRank = 64

// check holds a tensor against its storage.
func (t *tensor) check() error {
	if len(t.shape) != len(t.strides) || len(t.shape) > maxRank {
		return fmt.Errorf("shape %s has %d strides", safetensors.FormatShape(t.shape), len(t.strides))
	}
	elements, last := int64(1), t.offset
	for i, n := range t.shape {
		n, stride := int64(n), t.strides[i]
		if n < 0 || stride < 0 || n > 0 && elements > math.MaxInt64/8/n {
			return t.outside()
		}
		elements *= n
		if n > 1 {
			if stride > (math.MaxInt64-max(last, 0))/(n-1) {
				return t.outside()
			}
			last += stride * (n - 1)
		}
	}
	if t.last = last; elements == 0 {
		t.last = -1
	}
	if t.offset < 0 || t.last >= t.storage.numel {
		return t.outside()
	}
	return nil
}

func (t *tensor) outside() error {
	return fmt.Errorf("shape %s with strides %v and offset %d is not within its storage %q of %d elements",
		safetensors.FormatShape(t.shape), t.strides, t.offset, t.storage.key, t.storage.numel)
}

// contiguous tells whether the elements follow one another in row-major order.
func (t *tensor) contiguous() bool {
	next := int64(1)
	for i := len(t.shape) - 1; i >= 0; i-- {
		if t.shape[i] != 1 && t.strides[i] != next {
			return false
		}
		next *= int64(t.shape[i])
	}
	return true
}

// data is the bytes of a tensor in row-major order. Those of a view that is not
// contiguous are gathered from the part of the storage where it lies.
func (t *tensor) data() (io.Reader, error) {
	if t.last < 0 {
		return io.LimitReader(nil, 0), nil
	}
	size := t.storage.size
	part := io.NewSectionReader(t.storage.bytes, t.offset*size, (t.last+1-t.offset)*size)
	if t.contiguous() {
		return part, nil
	}
	memory := make([]byte, part.Size())
	if _, err := io.ReadFull(part, memory); err != nil {
		return nil, err
	}
	return &gather{tensor: t, memory: memory, index: make([]int, len(t.shape))}, nil
}

// gather reads a view element by element.
type gather struct {
	*tensor
	memory []byte // from the first element to the last, in the order of the storage
	index  []int  // of the next element; nil at the end
	at     int64  // where that is
	rest   []byte // of an element that did not fit
}

// Read fills p with what comes next.
func (g *gather) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(g.rest) == 0 {
			if g.index == nil {
				return n, io.EOF
			}
			g.rest = g.memory[g.at*g.storage.size:][:g.storage.size]
			g.step()
		}
		k := copy(p[n:], g.rest)
		n, g.rest = n+k, g.rest[k:]
	}
	return n, nil
}

// step goes on to the next element.
func (g *gather) step() {
	for i := len(g.index) - 1; i >= 0; i-- {
		g.index[i]++
		g.at += g.strides[i]
		if g.index[i] < g.shape[i] {
			return
		}
		g.at -= g.strides[i] * int64(g.shape[i])
		g.index[i] = 0
	}
	g.index = nil
}
