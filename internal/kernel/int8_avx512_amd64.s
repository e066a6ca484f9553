#include "textflag.h"
#include "go_asm.h"
#include "int8_avx512_amd64.h"

// One tile of the int8 product, up to 14 rows by 32 columns; the idea is that of
// tileAVX512, but a step takes four neighbours of every row and column:
//
//	Z0, Z1     4 × 32 weights
//	Z2         4 activations of one row, in every lane
//	Z4 … Z31   the tile: row i in Z(4+2i), Z(5+2i)

#define ROW(x, lo, hi) \
	VPBROADCASTD x, Z2; \
	VPDPBUSD Z0, Z2, lo; \
	VPDPBUSD Z1, Z2, hi

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

// The k loop of one height, with a share of what the next tiles will read.
#define LOOP(label, rows) \
label: \
	PREFETCHT1 (R12); \
	PREFETCHT1 64(R12); \
	ADDQ R13, R12; \
	VMOVDQU32 (SI), Z0; \
	VMOVDQU32 64(SI), Z1; \
	rows; \
	ADDQ $128, SI; \
	ADDQ $4, AX; \
	ADDQ $4, BX; \
	ADDQ $4, CX; \
	ADDQ $4, DX; \
	DECQ DI; \
	JNZ  label; \
	JMP  store

#define ZERO(lo, hi) VPXORD lo, lo, lo; VPXORD hi, hi, hi

// One row of y. Leaves after the last.
#define STORE(lo, hi) \
	OUTPUT(lo, hi); \
	DECQ R15; \
	JZ   done

// func int8TileAVX512(t *int8Tile)
TEXT ·int8TileAVX512(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), R14
	MOVQ int8Tile_rows(R14), R15
	MOVQ int8Tile_steps(R14), DI
	MOVQ int8Tile_x(R14), AX
	MOVQ int8Tile_ldx(R14), R8
	MOVQ int8Tile_w(R14), SI
	MOVQ int8Tile_ahead(R14), R12
	MOVQ int8Tile_pace(R14), R13
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
	OUTPUTS
	COLUMNS
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
