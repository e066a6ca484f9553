#include "textflag.h"
#include "simd_arm64.h"

// One tile of the product, up to 6 rows by 16 columns; the idea is that of tileAVX512:
//
//	V0 … V3     16 columns of one row of B
//	V4, V5      scratch: one element of A in every lane
//	V8 … V31    the tile: row i in V(8+4i) … V(11+4i)
//	R0 … R5     the rows of A
#define ROW(a, v, n, c0, c1, c2, c3) \
	VLD1R.P (a)(R10), [v.S4]; \
	FMLA(0, n, c0); \
	FMLA(1, n, c1); \
	FMLA(2, n, c2); \
	FMLA(3, n, c3)

#define ROWS1 ROW(R0, V4, 4, 8, 9, 10, 11)
#define ROWS2 ROWS1; ROW(R1, V5, 5, 12, 13, 14, 15)
#define ROWS3 ROWS2; ROW(R2, V4, 4, 16, 17, 18, 19)
#define ROWS4 ROWS3; ROW(R3, V5, 5, 20, 21, 22, 23)
#define ROWS5 ROWS4; ROW(R4, V4, 4, 24, 25, 26, 27)
#define ROWS6 ROWS5; ROW(R5, V5, 5, 28, 29, 30, 31)

// The k loop of one height.
#define LOOP(label, rows) \
label: \
	VLD1.P (R8)(R11), [V0.S4, V1.S4, V2.S4, V3.S4]; \
	rows; \
	SUBS $1, R7; \
	BNE  label; \
	B    store

#define ZERO(a, b, c, d) \
	VEOR a.B16, a.B16, a.B16; \
	VEOR b.B16, b.B16, b.B16; \
	VEOR c.B16, c.B16, c.B16; \
	VEOR d.B16, d.B16, d.B16

// One row of C: a row of D (the old C, or a bias, whose rows are 0 apart) is added
// through the mask V4, which is 0 when there is nothing to add. Leaves after the last
// row.
#define STORE(v0, v1, v2, v3, n0, n1, n2, n3) \
	VLD1 (R14), [V0.S4, V1.S4, V2.S4, V3.S4]; \
	VAND V4.B16, V0.B16, V0.B16; \
	VAND V4.B16, V1.B16, V1.B16; \
	VAND V4.B16, V2.B16, V2.B16; \
	VAND V4.B16, V3.B16, V3.B16; \
	FADD(0, n0, n0); \
	FADD(1, n1, n1); \
	FADD(2, n2, n2); \
	FADD(3, n3, n3); \
	VST1 [v0.S4, v1.S4, v2.S4, v3.S4], (R12); \
	ADD  R13, R12; \
	ADD  R15, R14; \
	SUBS $1, R6; \
	BEQ  done

// func tile16(h, k int, a *float32, rs, cs int, b *float32, bs int, c *float32, ldc int, d *float32, ldd int, add uint32)
TEXT ·tile16(SB), NOSPLIT, $0-92
	MOVD h+0(FP), R6
	MOVD k+8(FP), R7
	MOVD a+16(FP), R0
	MOVD rs+24(FP), R9
	MOVD cs+32(FP), R10
	MOVD b+40(FP), R8
	MOVD bs+48(FP), R11
	MOVD c+56(FP), R12
	MOVD ldc+64(FP), R13
	MOVD d+72(FP), R14
	MOVD ldd+80(FP), R15

	LSL $2, R9  // strides in bytes
	LSL $2, R10
	LSL $2, R11
	LSL $2, R13
	LSL $2, R15
	ADD R9, R0, R1
	ADD R9, R1, R2
	ADD R9, R2, R3
	ADD R9, R3, R4
	ADD R9, R4, R5

	ZERO(V8, V9, V10, V11)
	ZERO(V12, V13, V14, V15)
	ZERO(V16, V17, V18, V19)
	ZERO(V20, V21, V22, V23)
	ZERO(V24, V25, V26, V27)
	ZERO(V28, V29, V30, V31)

	CMP $6, R6
	BEQ h6
	CMP $2, R6
	BLT h1
	BEQ h2
	CMP $4, R6
	BLT h3
	BEQ h4
	B   h5

	LOOP(h6, ROWS6)
	LOOP(h5, ROWS5)
	LOOP(h4, ROWS4)
	LOOP(h3, ROWS3)
	LOOP(h2, ROWS2)
	LOOP(h1, ROWS1)

store:
	MOVWU add+88(FP), R9
	VDUP  R9, V4.S4
	STORE(V8, V9, V10, V11, 8, 9, 10, 11)
	STORE(V12, V13, V14, V15, 12, 13, 14, 15)
	STORE(V16, V17, V18, V19, 16, 17, 18, 19)
	STORE(V20, V21, V22, V23, 20, 21, 22, 23)
	STORE(V24, V25, V26, V27, 24, 25, 26, 27)
	STORE(V28, V29, V30, V31, 28, 29, 30, 31)

done:
	RET
