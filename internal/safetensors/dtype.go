package safetensors

import (
	"encoding/binary"
	"math"
)

// Float is the element types that tensors are read into.
type Float interface{ float32 | float64 }

// sizes is the bytes of an element of each dtype.
var sizes = map[string]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
	"U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4,
	"U64": 8, "I64": 8, "F64": 8,
}

// ElementSize is the bytes of an element of a dtype; 0 for one that is not known here.
func ElementSize(dtype string) int64 { return sizes[dtype] }

// decoder turns the bytes of a dtype into floats; nil for a dtype that holds none.
func decoder[T Float](dtype string) func(dst []T, src []byte) {
	switch dtype {
	case "F16":
		return decodeF16[T]
	case "BF16":
		return decodeBF16[T]
	case "F32":
		return decodeF32[T]
	case "F64":
		return decodeF64[T]
	}
	return nil
}

func decodeF16[T Float](dst []T, src []byte) {
	for i := range dst {
		dst[i] = T(halfToFloat(binary.LittleEndian.Uint16(src[2*i:])))
	}
}

func decodeBF16[T Float](dst []T, src []byte) {
	for i := range dst {
		dst[i] = T(math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16))
	}
}

func decodeF32[T Float](dst []T, src []byte) {
	for i := range dst {
		dst[i] = T(math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:])))
	}
}

func decodeF64[T Float](dst []T, src []byte) {
	for i := range dst {
		dst[i] = T(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
	}
}

func decodeI64(dst []int64, src []byte) {
	for i := range dst {
		dst[i] = int64(binary.LittleEndian.Uint64(src[8*i:]))
	}
}

func decodeI8(dst []int8, src []byte) {
	for i := range dst {
		dst[i] = int8(src[i])
	}
}

// halfToFloat widens an IEEE 754 binary16, exactly: 1 sign bit, 5 of the
// exponent (bias 15), 10 of the mantissa.
func halfToFloat(h uint16) float32 {
	sign, exp, mant := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exp {
	case 0: // zero and subnormal: mant · 2⁻²⁴
		tiny := float32(mant) / (1 << 24)
		return math.Float32frombits(math.Float32bits(tiny) | sign)
	case 31: // infinity and NaN
		return math.Float32frombits(sign | 0x7f800000 | mant<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | mant<<13)
}
