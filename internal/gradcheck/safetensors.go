package gradcheck

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// Tensor is a golden tensor: Floats or Ints, whichever its file holds.
type Tensor struct {
	Shape  []int
	Floats []float64
	Ints   []int
}

// entry is a tensor in the header of a safetensors file.
type entry struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// parse reads the F32, F64 and I64 tensors of a safetensors file. The package
// has its own small reader because the model's tests use it too.
func parse(file []byte) (map[string]Tensor, error) {
	if len(file) < 8 {
		return nil, fmt.Errorf("file has %d bytes, want at least 8", len(file))
	}
	size, rest := binary.LittleEndian.Uint64(file), file[8:]
	if size > uint64(len(rest)) {
		return nil, fmt.Errorf("header of %d bytes in a file of %d", size, len(file))
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(rest[:size], &header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	delete(header, "__metadata__")
	tensors := make(map[string]Tensor, len(header))
	for name, raw := range header {
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		t, err := e.decode(rest[size:])
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		tensors[name] = t
	}
	return tensors, nil
}

func (e entry) decode(data []byte) (Tensor, error) {
	width, ok := map[string]int{"F32": 4, "F64": 8, "I64": 8}[e.DType]
	if !ok {
		return Tensor{}, fmt.Errorf("type is %s, want F32, F64 or I64", e.DType)
	}
	n := 1
	for _, d := range e.Shape {
		n *= d
	}
	from, to := e.Offsets[0], e.Offsets[1]
	if from < 0 || to < from || to > len(data) || to-from != n*width {
		return Tensor{}, fmt.Errorf("bytes %d to %d of %d for shape %v of %s", from, to, len(data), e.Shape, e.DType)
	}
	data = data[from:to]
	t := Tensor{Shape: e.Shape}
	if e.DType == "I64" {
		t.Ints = make([]int, n)
		for i := range t.Ints {
			t.Ints[i] = int(binary.LittleEndian.Uint64(data[8*i:]))
		}
		return t, nil
	}
	t.Floats = make([]float64, n)
	for i := range t.Floats {
		t.Floats[i] = float(data[width*i:], width)
	}
	return t, nil
}

// float reads one number of width bytes.
func float(data []byte, width int) float64 {
	if width == 4 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(data))
}
