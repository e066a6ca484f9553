package kernel

import "unsafe"

// goInt8 is the kernel in Go, which every machine has.
var goInt8 = &int8Kernel{
	name: "go", lacks: func() string { return "" },
	rows: 2, cols: 4, group: 1, depth: 1, bytes: 1,
	span: spanGo, quantize: quantizeGo, tile: int8TileGo, curve: curveGo,
}

// spanGo returns the least and the greatest of 0 and all x; where one of x is not finite,
// neither is one of them.
func spanGo(x []float32) (lo, hi float32) {
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// quantizeGo stores the bytes of x for the reciprocal r of a scale and a zero point z.
func quantizeGo(dst []byte, x []float32, r float32, z int32) {
	dst = dst[:len(x)]
	for k, v := range x {
		dst[k] = byte(min(roundEven(v*r)+z, 255))
	}
}

// int8TileGo multiplies both rows by a weight at once: with u₀ + 2³²·u₁ in 64 bits a
// product is u₀·v + 2³²·u₁·v, and so is a sum of them.
func int8TileGo(t *int8Tile) {
	x := unsafe.Slice(t.x, (t.rows-1)*t.ldx+t.steps)
	x0, x1 := x[:t.steps], x[(t.rows-1)*t.ldx:][:t.steps]
	w := unsafe.Slice((*[4]int8)(unsafe.Pointer(t.w)), t.steps)
	var s0, s1, s2, s3 int64
	for k := range x0 {
		v := &w[k]
		u := int64(x0[k]) | int64(x1[k])<<32
		s0 += u * int64(v[0])
		s1 += u * int64(v[1])
		s2 += u * int64(v[2])
		s3 += u * int64(v[3])
	}
	for j, both := range [4]int64{s0, s1, s2, s3} {
		d := int32(both)
		t.put(0, j, d)
		if t.rows > 1 {
			t.put(1, j, int32((both-int64(d))>>32))
		}
	}
}

// put stores one element of y whose sum is d.
func (t *int8Tile) put(r, j int, d int32) {
	d -= *elem(t.zeros, 4*r) * *elem(t.sums, 4*j)
	v := float32(float32(d) * *elem(t.scales, 4*r))
	v = float32(v * *elem(t.factors, 4*j))
	*elem(t.y, r*t.ldy+4*j) = v + *elem(t.bias, 4*j)
}

// elem points at the element so many bytes after p.
func elem[T any](p *T, bytes int) *T { return (*T)(unsafe.Add(unsafe.Pointer(p), bytes)) }
