package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxHeader is the longest header that the format's own library takes.
const maxHeader = 100_000_000

// Info is what a header says of one tensor.
type Info struct {
	Name  string
	DType string // "F32", "F64", "F16", "BF16", "I64", …
	Shape []int  // empty: a scalar

	from, to int64 // bytes after the header
}

// Size is the number of elements.
func (i *Info) Size() int {
	n := 1
	for _, d := range i.Shape {
		n *= d
	}
	return n
}

// header is the parsed header of a file.
type header struct {
	metadata map[string]string
	tensors  []Info // in the order of their data
}

// entry is a tensor's entry as JSON has it.
type entry struct {
	DType   string  `json:"dtype"`
	Shape   []int64 `json:"shape"`
	Offsets []int64 `json:"data_offsets"`
}

// parse reads a header whose tensors have size bytes of data behind it.
func parse(text []byte, size int64) (*header, error) {
	h := &header{}
	seen := make(map[string]bool)
	err := members(text, func(name string, value json.RawMessage) error {
		if seen[name] {
			return fmt.Errorf("the header has tensor %q twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			return h.setMetadata(value)
		}
		return h.addTensor(name, value)
	})
	if err != nil {
		return nil, err
	}
	return h, h.checkData(size)
}

// members calls do for each member of a JSON object, in their order.
func members(text []byte, do func(name string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("the header is not a JSON object; this is not a safetensors file, or it is damaged")
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err == nil {
			err = d.Decode(&value)
		}
		if err != nil {
			return fmt.Errorf("the header is not valid JSON: %w", err)
		}
		if err := do(name.(string), value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("the header is not valid JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the header goes on after its JSON object")
	}
	return nil
}

func (h *header) setMetadata(value json.RawMessage) error {
	if err := json.Unmarshal(value, &h.metadata); err != nil {
		return fmt.Errorf("the header's __metadata__ is not an object of strings: %w", err)
	}
	return nil
}

func (h *header) addTensor(name string, value json.RawMessage) error {
	var e entry
	if err := json.Unmarshal(value, &e); err != nil {
		return fmt.Errorf("tensor %q: the header's entry is not valid: %w", name, err)
	}
	if e.DType == "" || e.Shape == nil || len(e.Offsets) != 2 {
		return fmt.Errorf("tensor %q: the header's entry has no dtype, shape or pair of data_offsets", name)
	}
	t := Info{Name: name, DType: e.DType, Shape: make([]int, len(e.Shape)), from: e.Offsets[0], to: e.Offsets[1]}
	for i, n := range e.Shape {
		t.Shape[i] = int(n)
	}
	if err := t.check(e.Shape); err != nil {
		return err
	}
	h.tensors = append(h.tensors, t)
	return nil
}

// check holds the tensor's shape against the bytes it has. Of a dtype that is not
// known here it cannot tell.
func (i *Info) check(shape []int64) error {
	if i.from < 0 || i.to < i.from {
		return fmt.Errorf("tensor %q: data_offsets are %d and %d, want 0 or more and rising", i.Name, i.from, i.to)
	}
	count, ok := product(shape)
	size := sizes[i.DType]
	if !ok || size > 0 && count > math.MaxInt64/size {
		return fmt.Errorf("tensor %q: shape %s is no size of a tensor", i.Name, FormatShape(i.Shape))
	}
	if size > 0 && i.to-i.from != count*size {
		return fmt.Errorf("tensor %q: %s of shape %s takes %d bytes, but data_offsets give it %d",
			i.Name, i.DType, FormatShape(i.Shape), count*size, i.to-i.from)
	}
	return nil
}

// product multiplies the numbers of a shape; not ok if one is negative or the
// product too large for an int64, or if it would be but for a 0.
func product(shape []int64) (n int64, ok bool) {
	n = 1
	zero := false
	for _, d := range shape {
		if d < 0 || d > math.MaxInt || d > 0 && n > math.MaxInt64/d {
			return 0, false
		}
		if d == 0 {
			zero = true
			continue
		}
		n *= d
	}
	if zero {
		n = 0
	}
	return n, true
}

// checkData holds the tensors against the data: they follow one another without
// gap or overlap, and fill it.
func (h *header) checkData(size int64) error {
	slices.SortStableFunc(h.tensors, func(a, b Info) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	var end int64
	for i := range h.tensors {
		t := &h.tensors[i]
		switch {
		case t.from < end:
			return fmt.Errorf("tensors %q and %q overlap in the file", h.tensors[i-1].Name, t.Name)
		case t.from > end:
			return fmt.Errorf("tensor %q: %d bytes before its data belong to no tensor", t.Name, t.from-end)
		}
		end = t.to
	}
	if end > size {
		return fmt.Errorf("the file is cut short: %d bytes of tensors, of which %d are there; copy it again", end, size)
	}
	if end < size {
		return fmt.Errorf("%d bytes after the last tensor belong to none", size-end)
	}
	return nil
}

// FormatShape writes a shape as messages have it: (768, 3072).
func FormatShape(shape []int) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = strconv.Itoa(n)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
