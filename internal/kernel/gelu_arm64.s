#include "textflag.h"
#include "simd_arm64.h"

// RATIONAL is V3 = y·P(y²)/Q(y²) with y in V1 = V0 clamped to ±limit, RATIO the same
// of what is in V1; both polynomials have degree 5 and Q's constant is 1. Overwrites V2,
// V4 and V5. The table is in registers: P in V16 … V21, Q but for its constant in V22 …
// V26, limit, −limit, 1, ½ in V27 … V30, and what else there is in V31, V14 and V13.
#define COEFFICIENTS \
	CONSTANT(V16); \
	CONSTANT(V17); \
	CONSTANT(V18); \
	CONSTANT(V19); \
	CONSTANT(V20); \
	CONSTANT(V21); \
	CONSTANT(V22); \
	CONSTANT(V23); \
	CONSTANT(V24); \
	CONSTANT(V25); \
	CONSTANT(V26); \
	CONSTANT(V27); \
	CONSTANT(V28); \
	CONSTANT(V29)

#define RATIONAL \
	MOV(0, 1); \
	RATIO

#define RATIO \
	FMIN(27, 1, 1); \
	FMAX(28, 1, 1); \
	FMUL(1, 1, 2); \
	HORNER(20, 2, 21, 3); \
	HORNER(25, 2, 26, 4); \
	HORNER(19, 2, 3, 5); \
	HORNER(18, 2, 5, 3); \
	HORNER(17, 2, 3, 5); \
	HORNER(16, 2, 5, 3); \
	HORNER(24, 2, 4, 5); \
	HORNER(23, 2, 5, 4); \
	HORNER(22, 2, 4, 5); \
	HORNER(29, 2, 5, 4); \
	FMUL(1, 3, 3); \
	FDIV(3, 4, 3)

// MAP runs body, which turns V0 into V0, over the R3 elements at R1 into R0.
#define MAP(body) \
	CBZ R3, done; \
loop: \
	VLD1.P 16(R1), [V0.S4]; \
	body; \
	VST1.P [V0.S4], 16(R0); \
	SUBS $4, R3; \
	BNE  loop; \
done: \
	RET

// GELU is V0 = max(V0, −limit)·(½ + RATIONAL). Below −limit the product is 0 but for
// rounding, and -Inf must not meet that rounding.
#define GELU \
	RATIONAL; \
	FADD(30, 3, 3); \
	FMAX(28, 0, 0); \
	FMUL(3, 0, 0)

// func geluNEON(dst, x *float32, n int, c *lanes)
TEXT ·geluNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R3
	MOVD c+24(FP), R4
	COEFFICIENTS
	CONSTANT(V30)
	MAP(GELU)

#define TANH RATIONAL; MOV(3, 0)

// func tanhNEON(dst, x *float32, n int, c *lanes)
TEXT ·tanhNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R3
	MOVD c+24(FP), R4
	COEFFICIENTS
	MAP(TANH)

// SLOPE is V0 = ½ + RATIONAL + y·φ(V0), φ(x) = e^(−x²/2)/√(2π). V31 is 1/√(2π). The
// clamped y keeps ±Inf·0 out.
#define SLOPE \
	RATIONAL; \
	FADD(30, 3, 4); \
	FMUL(0, 0, 2); \
	VEOR V0.B16, V0.B16, V0.B16; \
	FMLS(30, 2, 0); \
	FMUL(31, 1, 1); \
	EXP; \
	FMLA(1, 0, 4); \
	MOV(4, 0)

// GRADIENT runs slope, which turns V0 into V0, over the R3 elements at R1 and multiplies
// by those at R2 into R0.
#define GRADIENT(slope) \
	CBZ R3, done; \
loop: \
	VLD1.P 16(R1), [V0.S4]; \
	slope; \
	VLD1.P 16(R2), [V1.S4]; \
	FMUL(1, 0, 0); \
	VST1.P [V0.S4], 16(R0); \
	SUBS $4, R3; \
	BNE  loop; \
done: \
	RET

// func geluGradNEON(dx, dy, x *float32, n int, c, e *lanes)
TEXT ·geluGradNEON(SB), NOSPLIT, $0-48
	MOVD dx+0(FP), R0
	MOVD dy+8(FP), R2
	MOVD x+16(FP), R1
	MOVD n+24(FP), R3
	MOVD c+32(FP), R4
	COEFFICIENTS
	CONSTANT(V30)
	CONSTANT(V31)
	MOVD e+40(FP), R4
	EXPTABLE
	GRADIENT(SLOPE)

// Of the tanh form √(2/π), 0.044715·√(2/π), and three times that.
#define TANHFORM \
	COEFFICIENTS; \
	CONSTANT(V30); \
	CONSTANT(V31); \
	CONSTANT(V14); \
	CONSTANT(V13)

// GELUTANH is V0 = max(V0, −limit)·(½ + ½·tanh(u)), u = V0·(V31 + V14·V0²).
#define GELUTANH \
	FMUL(0, 0, 1); \
	HORNER(31, 1, 14, 2); \
	FMUL(0, 2, 1); \
	RATIO; \
	HORNER(30, 3, 30, 2); \
	FMAX(28, 0, 0); \
	FMUL(2, 0, 0)

// func geluTanhNEON(dst, x *float32, n int, c *lanes)
TEXT ·geluTanhNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R3
	MOVD c+24(FP), R4
	TANHFORM
	MAP(GELUTANH)

// SLOPETANH is V0 = ½·(1 + t + x·(V31 + V13·x²)·(1 − t²)), t = tanh(u), with x = V0
// clamped to ±limit, beyond which 1 − t² is 0.
#define SLOPETANH \
	FMIN(27, 0, 0); \
	FMAX(28, 0, 0); \
	FMUL(0, 0, 12); \
	HORNER(31, 12, 14, 2); \
	FMUL(0, 2, 1); \
	RATIO; \
	HORNER(31, 12, 13, 2); \
	FMUL(0, 2, 2); \
	MOV(29, 1); \
	FMLS(3, 3, 1); \
	FADD(29, 3, 0); \
	FMLA(1, 2, 0); \
	FMUL(30, 0, 0)

// func geluTanhGradNEON(dx, dy, x *float32, n int, c *lanes)
TEXT ·geluTanhGradNEON(SB), NOSPLIT, $0-40
	MOVD dx+0(FP), R0
	MOVD dy+8(FP), R2
	MOVD x+16(FP), R1
	MOVD n+24(FP), R3
	MOVD c+32(FP), R4
	TANHFORM
	GRADIENT(SLOPETANH)
