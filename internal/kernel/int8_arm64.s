#include "textflag.h"
#include "go_asm.h"
#include "int8_arm64.h"
#include "simd_arm64.h"

// Tiles of the int8 product, up to 8 rows by 8 columns; a step takes 16 neighbours of
// every row and column, activations less 128:
//
//	V0 … V15    the tile: row i in V(2i), V(2i+1)
//	V16 … V23   16 activations of one row
//	V24 … V31   16 weights of 8 columns
//	R2 … R9     the rows of activations
#define WEIGHTS \
	VLD1.P 64(R10), [V24.B16, V25.B16, V26.B16, V27.B16]; \
	VLD1.P 64(R10), [V28.B16, V29.B16, V30.B16, V31.B16]

// BEGIN loads what a tile at R0 reads, clears the sums and leaves the rows in R1. A row that
// the tile does not have is its last: what is computed of it is not stored.
#define BEGIN \
	MOVD t+0(FP), R0; \
	MOVD int8Tile_rows(R0), R1; \
	MOVD int8Tile_steps(R0), R11; \
	MOVD int8Tile_x(R0), R2; \
	MOVD int8Tile_ldx(R0), R12; \
	MOVD int8Tile_w(R0), R10; \
	SUB  $1, R1, R13; \
	MADD R12, R2, R13, R13; \
	NEXT(R2, R3); \
	NEXT(R3, R4); \
	NEXT(R4, R5); \
	NEXT(R5, R6); \
	NEXT(R6, R7); \
	NEXT(R7, R8); \
	NEXT(R8, R9); \
	CLEAR(V0); CLEAR(V1); CLEAR(V2); CLEAR(V3); \
	CLEAR(V4); CLEAR(V5); CLEAR(V6); CLEAR(V7); \
	CLEAR(V8); CLEAR(V9); CLEAR(V10); CLEAR(V11); \
	CLEAR(V12); CLEAR(V13); CLEAR(V14); CLEAR(V15)

// NEXT makes next the row after row, or the last, which is at R13.
#define NEXT(row, next) \
	ADD  R12, row, next; \
	CMP  R13, next; \
	CSEL HI, R13, next, next

#define CLEAR(v) VEOR v.B16, v.B16, v.B16

// LOOP is the k loop of one height.
#define LOOP(label, rows) \
label: \
	WEIGHTS; \
	rows; \
	SUBS $1, R11; \
	BNE  label; \
	B    store

// STORE makes y of the sums lo and hi of one row; l and h are their numbers. Leaves
// after the last row.
#define OUTPUTS \
	MOVD int8Tile_sums(R0), R2; \
	MOVD int8Tile_factors(R0), R3; \
	MOVD int8Tile_bias(R0), R4; \
	MOVD int8Tile_zeros(R0), R5; \
	MOVD int8Tile_scales(R0), R6; \
	MOVD int8Tile_y(R0), R7; \
	MOVD int8Tile_ldy(R0), R8; \
	VLD1 (R2), [V24.S4, V25.S4]; \
	VLD1 (R3), [V26.S4, V27.S4]; \
	VLD1 (R4), [V28.S4, V29.S4]

#define STORE(lo, hi, l, h) \
	VLD1R.P 4(R5), [V16.S4]; \
	VLD1R.P 4(R6), [V17.S4]; \
	MLS(24, 16, l); \
	MLS(25, 16, h); \
	SCVTF(l, l); \
	SCVTF(h, h); \
	FMUL(17, l, l); \
	FMUL(17, h, h); \
	FMUL(26, l, l); \
	FMUL(27, h, h); \
	FADD(28, l, l); \
	FADD(29, h, h); \
	VST1 [lo.S4, hi.S4], (R7); \
	ADD  R8, R7; \
	SUBS $1, R1; \
	BEQ  done

#define STORES \
	OUTPUTS; \
	STORE(V0, V1, 0, 1); \
	STORE(V2, V3, 2, 3); \
	STORE(V4, V5, 4, 5); \
	STORE(V6, V7, 6, 7); \
	STORE(V8, V9, 8, 9); \
	STORE(V10, V11, 10, 11); \
	STORE(V12, V13, 12, 13); \
	STORE(V14, V15, 14, 15)

// HEIGHTS are the k loops of all heights, row(p, x, n, l, h) being a step of one row.
#define HEIGHTS(row) \
	CMP $4, R1; \
	BEQ h4; \
	BLT low; \
	CMP $6, R1; \
	BLT h5; \
	BEQ h6; \
	CMP $8, R1; \
	BLT h7; \
	LOOP(h8, ROWS8(row)); \
	LOOP(h7, ROWS7(row)); \
	LOOP(h6, ROWS6(row)); \
	LOOP(h5, ROWS5(row)); \
	LOOP(h4, ROWS4(row)); \
low: \
	CMP $2, R1; \
	BLT h1; \
	BEQ h2; \
	LOOP(h3, ROWS3(row)); \
	LOOP(h2, ROWS2(row)); \
	LOOP(h1, ROWS1(row))

#define ROWS1(row) row(R2, V16, 16, 0, 1)
#define ROWS2(row) ROWS1(row); row(R3, V17, 17, 2, 3)
#define ROWS3(row) ROWS2(row); row(R4, V18, 18, 4, 5)
#define ROWS4(row) ROWS3(row); row(R5, V19, 19, 6, 7)
#define ROWS5(row) ROWS4(row); row(R6, V20, 20, 8, 9)
#define ROWS6(row) ROWS5(row); row(R7, V21, 21, 10, 11)
#define ROWS7(row) ROWS6(row); row(R8, V22, 22, 12, 13)
#define ROWS8(row) ROWS7(row); row(R9, V23, 23, 14, 15)

// A register of weights has 4 neighbours of 4 columns.
#define DOT(p, x, n, l, h) \
	VLD1.P 16(p), [x.B16]; \
	SDOT(0, n, 24, l); \
	SDOT(0, n, 25, h); \
	SDOT(1, n, 26, l); \
	SDOT(1, n, 27, h); \
	SDOT(2, n, 28, l); \
	SDOT(2, n, 29, h); \
	SDOT(3, n, 30, l); \
	SDOT(3, n, 31, h)

// func int8TileDotprod(t *int8Tile)
TEXT ·int8TileDotprod(SB), NOSPLIT, $0-8
	BEGIN
	HEIGHTS(DOT)

store:
	STORES

done:
	RET

// A register of weights has 2 neighbours of 8 columns. The sum of two products, of numbers
// from -128 to 127 with such from -127 to 127, is exact in 16 bits.
#define PAIRS(x, i, j, a, b, l, h) \
	VDUP x.H[i], V17.H8; \
	VDUP x.H[j], V18.H8; \
	SMULL(17, a, 19); \
	SMULL2(17, a, 20); \
	SMLAL(18, b, 19); \
	SMLAL2(18, b, 20); \
	SADALP(19, l); \
	SADALP(20, h)

#define MULL(p, x, n, l, h) \
	VLD1.P 16(p), [V16.B16]; \
	PAIRS(V16, 0, 1, 24, 25, l, h); \
	PAIRS(V16, 2, 3, 26, 27, l, h); \
	PAIRS(V16, 4, 5, 28, 29, l, h); \
	PAIRS(V16, 6, 7, 30, 31, l, h)

// func int8TileNEON(t *int8Tile)
TEXT ·int8TileNEON(SB), NOSPLIT, $0-8
	BEGIN
	HEIGHTS(MULL)

store:
	STORES

done:
	RET

// A register of weights has 8 neighbours of 2 columns, and SMMLA multiplies it by 8
// neighbours of 2 rows into 2 × 2 sums.
#define MATRIX(p, q, a, b, c, d) \
	VLD1.P 16(p), [V16.B16]; \
	VLD1.P 16(q), [V17.B16]; \
	VZIP1 V17.D2, V16.D2, V18.D2; \
	VZIP2 V17.D2, V16.D2, V19.D2; \
	SMMLA(24, 18, a); \
	SMMLA(25, 18, b); \
	SMMLA(26, 18, c); \
	SMMLA(27, 18, d); \
	SMMLA(28, 19, a); \
	SMMLA(29, 19, b); \
	SMMLA(30, 19, c); \
	SMMLA(31, 19, d)

#define ROWPAIRS1 MATRIX(R2, R3, 0, 1, 2, 3)
#define ROWPAIRS2 ROWPAIRS1; MATRIX(R4, R5, 4, 5, 6, 7)
#define ROWPAIRS3 ROWPAIRS2; MATRIX(R6, R7, 8, 9, 10, 11)
#define ROWPAIRS4 ROWPAIRS3; MATRIX(R8, R9, 12, 13, 14, 15)

// SPLIT makes the sums of two rows of their 2 × 2 sums.
#define SPLIT(a, b, c, d) \
	VZIP1 b.D2, a.D2, V16.D2; \
	VZIP2 b.D2, a.D2, V18.D2; \
	VZIP1 d.D2, c.D2, b.D2; \
	VZIP2 d.D2, c.D2, d.D2; \
	VORR V16.B16, V16.B16, a.B16; \
	VORR V18.B16, V18.B16, c.B16

// func int8TileI8MM(t *int8Tile)
TEXT ·int8TileI8MM(SB), NOSPLIT, $0-8
	BEGIN
	CMP $4, R1
	BGT high
	CMP $2, R1
	BGT h4

	LOOP(h2, ROWPAIRS1)
	LOOP(h4, ROWPAIRS2)

high:
	CMP $6, R1
	BGT h8

	LOOP(h6, ROWPAIRS3)
	LOOP(h8, ROWPAIRS4)

store:
	SPLIT(V0, V1, V2, V3)
	SPLIT(V4, V5, V6, V7)
	SPLIT(V8, V9, V10, V11)
	SPLIT(V12, V13, V14, V15)
	STORES

done:
	RET
