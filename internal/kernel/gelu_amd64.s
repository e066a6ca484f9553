#include "textflag.h"
#include "simd_amd64.h"

// RATIONAL is Y3 = y·P(y²)/Q(y²) with y in Y1 = Y0 clamped to ±limit, RATIO the same
// of what is in Y1; both polynomials have degree 5 and Q's constant is 1. Overwrites Y2
// and Y4; the table is at R9, most of it in registers.
#define P0 Y5
#define P1 Y6
#define P2 Y7
#define P3 Y8
#define P4 Y9
#define P5 Y10
#define Q1 192(R9)
#define Q2 Y11
#define Q3 Y12
#define Q4 Y13
#define Q5 Y14
#define LIMIT 352(R9)
#define LOWER 384(R9)
#define ONE   416(R9)
#define HALF  448(R9)
#define DENSITY 480(R9)

#define COEFFICIENTS \
	VMOVUPS 0(R9), P0; \
	VMOVUPS 32(R9), P1; \
	VMOVUPS 64(R9), P2; \
	VMOVUPS 96(R9), P3; \
	VMOVUPS 128(R9), P4; \
	VMOVUPS 160(R9), P5; \
	VMOVUPS 224(R9), Q2; \
	VMOVUPS 256(R9), Q3; \
	VMOVUPS 288(R9), Q4; \
	VMOVUPS 320(R9), Q5

// The minimum and maximum return their last operand, here y, if that is NaN.
#define RATIONAL \
	VMOVAPS Y0, Y1; \
	RATIO

#define RATIO \
	VMOVUPS LIMIT, Y2; \
	VMINPS Y1, Y2, Y1; \
	VMOVUPS LOWER, Y2; \
	VMAXPS Y1, Y2, Y1; \
	VMULPS Y1, Y1, Y2; \
	VMOVAPS P5, Y3; \
	VMOVAPS Q5, Y4; \
	HORNER(P4, Y2, Y3); \
	HORNER(Q4, Y2, Y4); \
	HORNER(P3, Y2, Y3); \
	HORNER(Q3, Y2, Y4); \
	HORNER(P2, Y2, Y3); \
	HORNER(Q2, Y2, Y4); \
	HORNER(P1, Y2, Y3); \
	HORNER(Q1, Y2, Y4); \
	HORNER(P0, Y2, Y3); \
	HORNER(ONE, Y2, Y4); \
	VMULPS Y1, Y3, Y3; \
	VDIVPS Y4, Y3, Y3

// MAP runs body, which turns Y0 into Y0, over the n elements at SI into DI.
#define MAP(body) \
loop: \
	CMPQ CX, $8; \
	JLT  tail; \
	VMOVUPS (SI), Y0; \
	body; \
	VMOVUPS Y0, (DI); \
	ADDQ $32, SI; \
	ADDQ $32, DI; \
	SUBQ $8, CX; \
	JMP  loop; \
tail: \
	TESTQ CX, CX; \
	JZ    done; \
	FIRST(CX, AX, Y15); \
	VMASKMOVPS (SI), Y15, Y0; \
	body; \
	VMASKMOVPS Y0, Y15, (DI); \
done: \
	VZEROUPPER

// GELU is Y0 = max(Y0, −limit)·(½ + RATIONAL). Below −limit the product is 0 but for
// rounding, and -Inf must not meet that rounding.
#define GELU \
	RATIONAL; \
	VADDPS HALF, Y3, Y3; \
	VMOVUPS LOWER, Y2; \
	VMAXPS Y0, Y2, Y0; \
	VMULPS Y3, Y0, Y0

// func geluSIMD(dst, x *float32, n int, c *lanes)
TEXT ·geluSIMD(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ c+24(FP), R9
	COEFFICIENTS
	MAP(GELU)
	RET

#define TANH RATIONAL; VMOVAPS Y3, Y0

// func tanhSIMD(dst, x *float32, n int, c *lanes)
TEXT ·tanhSIMD(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ c+24(FP), R9
	COEFFICIENTS
	MAP(TANH)
	RET

// SLOPE is Y0 = ½ + RATIONAL + y·φ(Y0), φ(x) = e^(−x²/2)/√(2π). DENSITY is 1/√(2π).
// The clamped y keeps ±Inf·0 out.
#define SLOPE \
	RATIONAL; \
	VADDPS HALF, Y3, Y4; \
	VMULPS Y0, Y0, Y2; \
	VXORPS Y0, Y0, Y0; \
	VFNMADD231PS HALF, Y2, Y0; \
	VMULPS DENSITY, Y1, Y15; \
	EXP(Y0); \
	VFMADD213PS Y4, Y15, Y0

// GRADIENT runs slope, which turns Y0 into Y0, over the n elements at SI and multiplies
// by those at DX into DI. slope may overwrite Y15.
#define GRADIENT(slope) \
loop: \
	CMPQ CX, $8; \
	JLT  tail; \
	VMOVUPS (SI), Y0; \
	slope; \
	VMULPS (DX), Y0, Y0; \
	VMOVUPS Y0, (DI); \
	ADDQ $32, SI; \
	ADDQ $32, DX; \
	ADDQ $32, DI; \
	SUBQ $8, CX; \
	JMP  loop; \
tail: \
	TESTQ CX, CX; \
	JZ    done; \
	FIRST(CX, AX, Y15); \
	VMASKMOVPS (SI), Y15, Y0; \
	slope; \
	VMOVUPS (AX), Y15; \
	VMASKMOVPS (DX), Y15, Y1; \
	VMULPS Y1, Y0, Y0; \
	VMASKMOVPS Y0, Y15, (DI); \
done: \
	VZEROUPPER

// func geluGradSIMD(dx, dy, x *float32, n int, c, e *lanes)
TEXT ·geluGradSIMD(SB), NOSPLIT, $0-48
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), DX
	MOVQ x+16(FP), SI
	MOVQ n+24(FP), CX
	MOVQ c+32(FP), R9
	MOVQ e+40(FP), R10
	COEFFICIENTS
	GRADIENT(SLOPE)
	RET

// Of the tanh form: √(2/π), 0.044715·√(2/π), and three times that.
#define LINEAR 480(R9)
#define CUBIC  512(R9)
#define CUBIC3 544(R9)

// GELUTANH is Y0 = max(Y0, −limit)·(½ + ½·tanh(u)), u = Y0·(LINEAR + CUBIC·Y0²).
#define GELUTANH \
	VMULPS Y0, Y0, Y1; \
	VMOVUPS CUBIC, Y2; \
	VFMADD213PS LINEAR, Y1, Y2; \
	VMULPS Y0, Y2, Y1; \
	RATIO; \
	VMOVUPS HALF, Y2; \
	VFMADD213PS HALF, Y2, Y3; \
	VMOVUPS LOWER, Y2; \
	VMAXPS Y0, Y2, Y0; \
	VMULPS Y3, Y0, Y0

// func geluTanhSIMD(dst, x *float32, n int, c *lanes)
TEXT ·geluTanhSIMD(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ c+24(FP), R9
	COEFFICIENTS
	MAP(GELUTANH)
	RET

// SLOPETANH is Y0 = ½·(1 + t + x·(LINEAR + CUBIC3·x²)·(1 − t²)), t = tanh(u), with x
// = Y0 clamped to ±limit, beyond which 1 − t² is 0.
#define SLOPETANH \
	VMOVUPS LIMIT, Y1; \
	VMINPS Y0, Y1, Y1; \
	VMOVUPS LOWER, Y2; \
	VMAXPS Y1, Y2, Y0; \
	VMULPS Y0, Y0, Y15; \
	VMOVUPS CUBIC, Y2; \
	VFMADD213PS LINEAR, Y15, Y2; \
	VMULPS Y0, Y2, Y1; \
	RATIO; \
	VMOVUPS CUBIC3, Y2; \
	VFMADD213PS LINEAR, Y15, Y2; \
	VMULPS Y0, Y2, Y2; \
	VMOVUPS ONE, Y1; \
	VFNMADD231PS Y3, Y3, Y1; \
	VADDPS ONE, Y3, Y0; \
	VFMADD231PS Y1, Y2, Y0; \
	VMULPS HALF, Y0, Y0

// func geluTanhGradSIMD(dx, dy, x *float32, n int, c *lanes)
TEXT ·geluTanhGradSIMD(SB), NOSPLIT, $0-40
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), DX
	MOVQ x+16(FP), SI
	MOVQ n+24(FP), CX
	MOVQ c+32(FP), R9
	COEFFICIENTS
	GRADIENT(SLOPETANH)
	RET
