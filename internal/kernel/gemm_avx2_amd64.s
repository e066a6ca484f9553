#include "textflag.h"

// One tile of the product, up to 6 rows by 16 columns; the idea is that of
// tileAVX512, in the 16 registers of AVX2:
//
//	Y0, Y1     16 columns of one row of B
//	Y2, Y3     scratch: one element of A in every lane
//	Y4 … Y15   the tile: row i in Y(4+2i), Y(5+2i)

#define ROW(a, t, lo, hi) \
	VBROADCASTSS a, t; \
	VFMADD231PS Y0, t, lo; \
	VFMADD231PS Y1, t, hi

#define ROWS1 ROW((AX), Y2, Y4, Y5)
#define ROWS2 ROWS1; ROW((AX)(R8*1), Y3, Y6, Y7)
#define ROWS3 ROWS2; ROW((AX)(R8*2), Y2, Y8, Y9)
#define ROWS4 ROWS3; ROW((BX), Y3, Y10, Y11)
#define ROWS5 ROWS4; ROW((BX)(R8*1), Y2, Y12, Y13)
#define ROWS6 ROWS5; ROW((BX)(R8*2), Y3, Y14, Y15)

// The k loop of one height.
#define LOOP(label, rows) \
label: \
	VMOVUPS (SI), Y0; \
	VMOVUPS 32(SI), Y1; \
	rows; \
	ADDQ R11, SI; \
	ADDQ R10, AX; \
	ADDQ R10, BX; \
	DECQ DI; \
	JNZ  label; \
	JMP  store

#define ZERO(lo, hi) VXORPS lo, lo, lo; VXORPS hi, hi, hi

// One row of C: a row of D (the old C, or a bias, whose rows are 0 apart) is added
// through the mask Y2, which is 0 when there is nothing to add. Leaves after the last
// row.
#define STORE(lo, hi) \
	VANDPS (AX), Y2, Y0; \
	VANDPS 32(AX), Y2, Y1; \
	VADDPS Y0, lo, lo; \
	VADDPS Y1, hi, hi; \
	VMOVUPS lo, (R12); \
	VMOVUPS hi, 32(R12); \
	ADDQ R13, R12; \
	ADDQ R10, AX; \
	DECQ R15; \
	JZ   done

// func tile16(h, k int, a *float32, rs, cs int, b *float32, bs int, c *float32, ldc int, d *float32, ldd int, add uint32)
TEXT ·tile16(SB), NOSPLIT, $0-92
	MOVQ h+0(FP), R15
	MOVQ k+8(FP), DI
	MOVQ a+16(FP), AX
	MOVQ rs+24(FP), R8
	MOVQ cs+32(FP), R10
	MOVQ b+40(FP), SI
	MOVQ bs+48(FP), R11
	MOVQ c+56(FP), R12
	MOVQ ldc+64(FP), R13

	SHLQ $2, R8  // strides in bytes
	SHLQ $2, R10
	SHLQ $2, R11
	SHLQ $2, R13
	LEAQ (R8)(R8*2), BX
	ADDQ AX, BX

	ZERO(Y4, Y5)
	ZERO(Y6, Y7)
	ZERO(Y8, Y9)
	ZERO(Y10, Y11)
	ZERO(Y12, Y13)
	ZERO(Y14, Y15)

	CMPQ R15, $6
	JEQ  h6
	CMPQ R15, $2
	JLT  h1
	JEQ  h2
	CMPQ R15, $4
	JLT  h3
	JEQ  h4
	JMP  h5

	LOOP(h6, ROWS6)
	LOOP(h5, ROWS5)
	LOOP(h4, ROWS4)
	LOOP(h3, ROWS3)
	LOOP(h2, ROWS2)
	LOOP(h1, ROWS1)

store:
	VBROADCASTSS add+88(FP), Y2
	MOVQ d+72(FP), AX
	MOVQ ldd+80(FP), R10
	SHLQ $2, R10
	STORE(Y4, Y5)
	STORE(Y6, Y7)
	STORE(Y8, Y9)
	STORE(Y10, Y11)
	STORE(Y12, Y13)
	STORE(Y14, Y15)

done:
	VZEROUPPER
	RET
