#include "textflag.h"
#include "int8_arm64.h"
#include "simd_arm64.h"

// Rows of activations become bytes, 16 elements at a time: n is a multiple of that.

// func spanNEON(x *float32, n int) (lo, hi float32)
//
// The least and the greatest of 0 and all x; NaN if one of them is.
TEXT ·spanNEON(SB), NOSPLIT, $0-24
	MOVD x+0(FP), R0
	MOVD n+8(FP), R1
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16

loop:
	VLD1.P 64(R0), [V4.S4, V5.S4, V6.S4, V7.S4]
	FMIN(4, 0, 0)
	FMIN(5, 1, 1)
	FMAX(4, 2, 2)
	FMAX(5, 3, 3)
	FMIN(6, 0, 0)
	FMIN(7, 1, 1)
	FMAX(6, 2, 2)
	FMAX(7, 3, 3)
	SUBS $16, R1
	BNE  loop

	FMIN(1, 0, 0)
	FMAX(3, 2, 2)
	FMINV(0, 0)
	FMAXV(2, 2)
	FMOVS F0, lo+16(FP)
	FMOVS F2, hi+20(FP)
	RET

// INTEGERS is rnd(x·r) + z, r in V30 and z in V31.
#define INTEGERS(v, n) \
	FMUL(30, n, n); \
	FCVTNS(n, n); \
	VADD V31.S4, v.S4, v.S4

// func quantizeNEON(dst *byte, x *float32, n int, r float32, z int32)
//
// dst = rnd(x·r) + z, at least -128 and at most 127.
TEXT ·quantizeNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R2
	MOVD x+8(FP), R0
	MOVD n+16(FP), R1
	FMOVS r+24(FP), F30
	VDUP V30.S[0], V30.S4
	MOVW z+28(FP), R3
	VDUP R3, V31.S4

loop:
	VLD1.P 64(R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	INTEGERS(V0, 0)
	INTEGERS(V1, 1)
	INTEGERS(V2, 2)
	INTEGERS(V3, 3)
	SQXTN4(0, 4)
	SQXTN8(1, 4)
	SQXTN4(2, 5)
	SQXTN8(3, 5)
	SQXTB8(4, 6)
	SQXTB16(5, 6)
	VST1.P [V6.B16], 16(R2)
	SUBS $16, R1
	BNE  loop
	RET
