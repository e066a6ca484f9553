package kernel

// Int8Table is rows to look up, in 8 bits: element (i, k) is Scales[i]·Values[i·Width+k],
// rounded once. QuantizeWeights makes both, a scale for each row.
type Int8Table[T Float] struct {
	Values []int8 // (rows, Width)
	Scales []T    // (rows)
	Width  int
}

// NewInt8Table returns the table of integers and scales as QuantizeWeights gives them; it
// reports others, and sizes that do not fit.
func NewInt8Table(values []int8, scales []float32, rows, width int) (*Int8Table[float32], error) {
	if err := checkInt8(values, scales, rows, width); err != nil {
		return nil, err
	}
	return &Int8Table[float32]{values, scales, width}, nil
}

// Gather looks up the rows that index names: dst[i,:] is row index[i].
//
// Shape: dst (len(index), Width).
func (t *Int8Table[T]) Gather(dst []T, index []int32) {
	for i, r := range index {
		t.row(dst[i*t.Width:(i+1)*t.Width], int(r))
	}
}

// Floats is all rows, (rows, Width).
func (t *Int8Table[T]) Floats() []T {
	all := make([]T, len(t.Values))
	for r := range t.Scales {
		t.row(all[r*t.Width:(r+1)*t.Width], r)
	}
	return all
}

// row puts row r into dst.
func (t *Int8Table[T]) row(dst []T, r int) {
	for k, v := range t.Values[r*t.Width : (r+1)*t.Width] {
		dst[k] = T(v)
	}
	Scale(dst, dst, t.Scales[r])
}
