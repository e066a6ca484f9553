#include "textflag.h"
#include "int8_arm64.h"
#include "simd_arm64.h"

// The table of a curve: P from its constant up in V16 … V22, L, −L and ½.
#define TERM(c) FMUL(3, 2, 2); FADD(c, 2, 2)

// func curveNEON(y *float32, ldy, rows, n int, c *lanes)
//
// The curve at n elements, a multiple of 4, of each of the rows, ldy bytes apart.
TEXT ·curveNEON(SB), NOSPLIT, $0-40
	MOVD y+0(FP), R0
	MOVD ldy+8(FP), R1
	MOVD rows+16(FP), R2
	MOVD n+24(FP), R3
	MOVD c+32(FP), R4
	CONSTANT(V16)
	CONSTANT(V17)
	CONSTANT(V18)
	CONSTANT(V19)
	CONSTANT(V20)
	CONSTANT(V21)
	CONSTANT(V22)
	CONSTANT(V23)
	CONSTANT(V24)
	CONSTANT(V25)

row:
	MOVD R0, R5
	MOVD R3, R6

element:
	VLD1 (R5), [V0.S4]
	FMIN(23, 0, 1)
	FMAX(24, 1, 1) // y
	FMUL(1, 1, 3)
	FMUL(3, 22, 2)
	FADD(21, 2, 2)
	TERM(20)
	TERM(19)
	TERM(18)
	TERM(17)
	TERM(16)
	FMUL(1, 2, 2)
	FADD(25, 2, 2)
	FMAX(24, 0, 0)
	FMUL(2, 0, 0)
	VST1.P [V0.S4], 16(R5)
	SUBS $4, R6
	BNE  element
	ADD  R1, R0
	SUBS $1, R2
	BNE  row
	RET
