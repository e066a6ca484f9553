package kernel

import (
	"slices"
	"testing"
)

// Rows of a table are their integers times their scales, each element rounded once.
func TestInt8Table(t *testing.T) {
	for _, width := range []int{1, 7, 8, 15, 33} {
		const rows = 5
		values, scales, err := QuantizeWeights(normals[float32](rows*width, 4), rows, width)
		if err != nil {
			t.Fatal(err)
		}
		table, err := NewInt8Table(values, scales, rows, width)
		if err != nil {
			t.Fatal(err)
		}
		var want []float32
		for i, v := range values {
			want = append(want, float32(v)*scales[i/width])
		}
		if got := table.Floats(); !slices.Equal(got, want) {
			t.Errorf("%d wide: all rows are %v, want %v", width, got, want)
		}
		index := []int32{4, 0, 4, 2}
		got := slices.Repeat([]float32{9}, len(index)*width+1)
		table.Gather(got, index)
		for i, r := range index {
			if row := got[i*width : (i+1)*width]; !slices.Equal(row, want[int(r)*width:(int(r)+1)*width]) {
				t.Errorf("%d wide: row %d is %v", width, r, row)
			}
		}
		if got[len(index)*width] != 9 {
			t.Errorf("%d wide: it writes behind the rows", width)
		}
	}
}

// What could be no such table is refused.
func TestNewInt8TableErrors(t *testing.T) {
	for want, c := range map[string]struct {
		values []int8
		scales []float32
	}{
		"5 weights and 2 scales, want 2·3 and 2":        {make([]int8, 5), make([]float32, 2)},
		"weight 1 of output 1 is -128, want -127 … 127": {[]int8{0, 0, 0, 0, -128, 0}, make([]float32, 2)},
	} {
		if _, err := NewInt8Table(c.values, c.scales, 2, 3); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
