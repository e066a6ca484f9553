package kernel

import (
	"fmt"
	"math"
)

// QuantizeWeights returns the weights of a linear layer as integers and the scale of
// every output (int8.go).
//
// Shapes: w (out, in); values (out, in), scales (out). It reports an error that names
// the output where a weight is NaN or infinite.
func QuantizeWeights(w []float32, out, in int) (values []int8, scales []float32, err error) {
	values, scales = make([]int8, out*in), make([]float32, out)
	for j := range out {
		row := w[j*in : (j+1)*in]
		if scales[j], err = weightScale(row); err != nil {
			return nil, nil, fmt.Errorf("weights of output %d: %w", j, err)
		}
		for k, x := range row {
			values[j*in+k] = int8(roundEven(x / scales[j]))
		}
	}
	return values, scales, nil
}

// weightScale returns the scale of one row of weights.
func weightScale(row []float32) (float32, error) {
	var most float32
	for k, x := range row {
		if x-x != 0 {
			return 0, fmt.Errorf("element %d is %g, want a finite number", k, x)
		}
		most = max(most, float32(math.Abs(float64(x))))
	}
	return max(most/127, leastScale), nil
}

// checkInt8 reports what of quantised weights no kernel could multiply.
func checkInt8(values []int8, scales []float32, out, in int) error {
	switch {
	case out < 1 || in < 1 || len(values) != out*in || len(scales) != out:
		return fmt.Errorf("%d weights and %d scales, want %d·%d and %d", len(values), len(scales), out, in, out)
	case in > maxDepth:
		return fmt.Errorf("%d inputs, want at most %d: sums of 8-bit products have 32 bits", in, maxDepth)
	}
	for i, v := range values {
		if v == math.MinInt8 {
			return fmt.Errorf("weight %d of output %d is -128, want -127 … 127", i%in, i/in)
		}
	}
	for j, c := range scales {
		if c-c != 0 {
			return fmt.Errorf("the scale of output %d is %g, want a finite number", j, c)
		}
	}
	return nil
}
