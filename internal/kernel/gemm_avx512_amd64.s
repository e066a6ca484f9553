#include "textflag.h"

// One tile of the product, up to 14 rows by 32 columns, held in registers:
//
//	Z0, Z1     32 columns of one row of B
//	Z2         one element of A in every lane
//	Z4 … Z31   the tile: row i in Z(4+2i), Z(5+2i)
//
// Every step of the k loop loads one row of B and, for each row of the tile, one
// element of A: 28 fused multiply-adds on 16 loads, so the multipliers are the limit.
// A is reached through four pointers, rows 0, 4, 8 and 12, and two strides; that is
// why A may lie either way round. Each height has its own loop, so that short tiles
// cost no more than they must, and every element is the same chain of additions in
// all of them.

#define ROW(a, lo, hi) \
	VBROADCASTSS a, Z2; \
	VFMADD231PS Z0, Z2, lo; \
	VFMADD231PS Z1, Z2, hi

#define ROWS1  ROW((AX), Z4, Z5)
#define ROWS2  ROWS1; ROW((AX)(R8*1), Z6, Z7)
#define ROWS3  ROWS2; ROW((AX)(R8*2), Z8, Z9)
#define ROWS4  ROWS3; ROW((AX)(R9*1), Z10, Z11)
#define ROWS5  ROWS4; ROW((BX), Z12, Z13)
#define ROWS6  ROWS5; ROW((BX)(R8*1), Z14, Z15)
#define ROWS7  ROWS6; ROW((BX)(R8*2), Z16, Z17)
#define ROWS8  ROWS7; ROW((BX)(R9*1), Z18, Z19)
#define ROWS9  ROWS8; ROW((CX), Z20, Z21)
#define ROWS10 ROWS9; ROW((CX)(R8*1), Z22, Z23)
#define ROWS11 ROWS10; ROW((CX)(R8*2), Z24, Z25)
#define ROWS12 ROWS11; ROW((CX)(R9*1), Z26, Z27)
#define ROWS13 ROWS12; ROW((DX), Z28, Z29)
#define ROWS14 ROWS13; ROW((DX)(R8*1), Z30, Z31)

// The k loop of one height. Each step asks for a piece of what the next tiles will
// read, pace bytes further on: memory is far away when only a few tiles read a panel.
#define LOOP(label, rows) \
label: \
	PREFETCHT1 (R12); \
	PREFETCHT1 64(R12); \
	ADDQ R13, R12; \
	VMOVUPS.Z (SI), K1, Z0; \
	VMOVUPS.Z 64(SI), K2, Z1; \
	rows; \
	ADDQ R11, SI; \
	ADDQ R10, AX; \
	ADDQ R10, BX; \
	ADDQ R10, CX; \
	ADDQ R10, DX; \
	DECQ DI; \
	JNZ  label; \
	JMP  store

#define ZERO(lo, hi) VPXORD lo, lo, lo; VPXORD hi, hi, hi

// One row of C: a row of D (the old C, or a bias, whose rows are 0 apart) is added under
// K3, K4, which are empty when there is nothing to add. Leaves after the last row.
#define STORE(lo, hi) \
	VADDPS (R14), lo, K3, lo; \
	VADDPS 64(R14), hi, K4, hi; \
	VMOVUPS lo, K1, (R12); \
	VMOVUPS hi, K2, 64(R12); \
	ADDQ R13, R12; \
	ADDQ R10, R14; \
	DECQ R15; \
	JZ   done

// func tileAVX512(h, k int, a *float32, rs, cs int, b *float32, bs int, c *float32, ldc int, d *float32, ldd int, mask uint32, add uint32, ahead *float32, pace int)
TEXT ·tileAVX512(SB), NOSPLIT, $0-112
	MOVQ h+0(FP), R15
	MOVQ k+8(FP), DI
	MOVQ a+16(FP), AX
	MOVQ rs+24(FP), R8
	MOVQ cs+32(FP), R10
	MOVQ b+40(FP), SI
	MOVQ bs+48(FP), R11
	MOVQ ahead+96(FP), R12
	MOVQ pace+104(FP), R13
	MOVL mask+88(FP), R14
	KMOVW R14, K1
	SHRL $16, R14
	KMOVW R14, K2
	MOVL add+92(FP), R14
	KMOVW R14, K3
	SHRL $16, R14
	KMOVW R14, K4

	SHLQ $2, R8  // strides in bytes
	SHLQ $2, R10
	SHLQ $2, R11
	LEAQ (R8)(R8*2), R9
	LEAQ (AX)(R8*4), BX
	LEAQ (BX)(R8*4), CX
	LEAQ (CX)(R8*4), DX

	ZERO(Z4, Z5)
	ZERO(Z6, Z7)
	ZERO(Z8, Z9)
	ZERO(Z10, Z11)
	ZERO(Z12, Z13)
	ZERO(Z14, Z15)
	ZERO(Z16, Z17)
	ZERO(Z18, Z19)
	ZERO(Z20, Z21)
	ZERO(Z22, Z23)
	ZERO(Z24, Z25)
	ZERO(Z26, Z27)
	ZERO(Z28, Z29)
	ZERO(Z30, Z31)

	CMPQ R15, $14
	JEQ  h14
	CMPQ R15, $7
	JEQ  h7
	JGT  tall
	CMPQ R15, $2
	JLT  h1
	JEQ  h2
	CMPQ R15, $4
	JLT  h3
	JEQ  h4
	CMPQ R15, $6
	JLT  h5
	JMP  h6

tall:
	CMPQ R15, $9
	JLT  h8
	JEQ  h9
	CMPQ R15, $11
	JLT  h10
	JEQ  h11
	CMPQ R15, $13
	JLT  h12
	JMP  h13

	LOOP(h14, ROWS14)
	LOOP(h13, ROWS13)
	LOOP(h12, ROWS12)
	LOOP(h11, ROWS11)
	LOOP(h10, ROWS10)
	LOOP(h9, ROWS9)
	LOOP(h8, ROWS8)
	LOOP(h7, ROWS7)
	LOOP(h6, ROWS6)
	LOOP(h5, ROWS5)
	LOOP(h4, ROWS4)
	LOOP(h3, ROWS3)
	LOOP(h2, ROWS2)
	LOOP(h1, ROWS1)

store:
	MOVQ c+56(FP), R12
	MOVQ ldc+64(FP), R13
	SHLQ $2, R13
	MOVQ d+72(FP), R14
	MOVQ ldd+80(FP), R10
	SHLQ $2, R10
	STORE(Z4, Z5)
	STORE(Z6, Z7)
	STORE(Z8, Z9)
	STORE(Z10, Z11)
	STORE(Z12, Z13)
	STORE(Z14, Z15)
	STORE(Z16, Z17)
	STORE(Z18, Z19)
	STORE(Z20, Z21)
	STORE(Z22, Z23)
	STORE(Z24, Z25)
	STORE(Z26, Z27)
	STORE(Z28, Z29)
	STORE(Z30, Z31)

done:
	VZEROUPPER
	RET
