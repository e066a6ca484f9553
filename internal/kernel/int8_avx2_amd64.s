#include "textflag.h"
#include "go_asm.h"
#include "int8_amd64.h"

// Tiles of the int8 product, up to 6 rows by 16 columns, in the registers of AVX2:
//
//	Y0, Y1     the weights of 16 columns: two neighbours of each, or four
//	Y2         as many activations of one row, in every lane
//	Y3         products
//	Y4 … Y15   the tile: row i in Y(4+2i), Y(5+2i)
//
// row(x, lo, hi, l, h) is what a step does for one row; l and h are the numbers of lo
// and hi.
#define ROWS1(row) row((AX), Y4, Y5, 4, 5)
#define ROWS2(row) ROWS1(row); row((AX)(R8*1), Y6, Y7, 6, 7)
#define ROWS3(row) ROWS2(row); row((AX)(R8*2), Y8, Y9, 8, 9)
#define ROWS4(row) ROWS3(row); row((BX), Y10, Y11, 10, 11)
#define ROWS5(row) ROWS4(row); row((BX)(R8*1), Y12, Y13, 12, 13)
#define ROWS6(row) ROWS5(row); row((BX)(R8*2), Y14, Y15, 14, 15)

// The k loop of one height. A step of weights is DX bytes.
#define LOOP(label, weights, rows) \
label: \
	weights; \
	rows; \
	ADDQ DX, SI; \
	ADDQ $4, AX; \
	ADDQ $4, BX; \
	DECQ DI; \
	JNZ  label; \
	JMP  store

#define ZERO(lo, hi) VPXOR lo, lo, lo; VPXOR hi, hi, hi

// One row of y, whose sums are lo and hi. Leaves after the last.
#define STORE(lo, hi) \
	OUTPUT(Y0, Y1, Y2, Y3, 32, lo, hi); \
	DECQ R15; \
	JZ   done

// TILE is a function on the tile at R14.
#define TILE(weights, row) \
	MOVQ int8Tile_rows(R14), R15; \
	MOVQ int8Tile_steps(R14), DI; \
	MOVQ int8Tile_x(R14), AX; \
	MOVQ int8Tile_ldx(R14), R8; \
	MOVQ int8Tile_w(R14), SI; \
	LEAQ (R8)(R8*2), BX; \
	ADDQ AX, BX; \
	ZERO(Y4, Y5); \
	ZERO(Y6, Y7); \
	ZERO(Y8, Y9); \
	ZERO(Y10, Y11); \
	ZERO(Y12, Y13); \
	ZERO(Y14, Y15); \
	CMPQ R15, $6; \
	JEQ  h6; \
	CMPQ R15, $2; \
	JLT  h1; \
	JEQ  h2; \
	CMPQ R15, $4; \
	JLT  h3; \
	JEQ  h4; \
	JMP  h5; \
	LOOP(h6, weights, ROWS6(row)); \
	LOOP(h5, weights, ROWS5(row)); \
	LOOP(h4, weights, ROWS4(row)); \
	LOOP(h3, weights, ROWS3(row)); \
	LOOP(h2, weights, ROWS2(row)); \
	LOOP(h1, weights, ROWS1(row)); \
store: \
	OUTPUTS; \
	VMOVDQU (R8), Y0; \
	VMOVDQU 32(R8), Y1; \
	STORE(Y4, Y5); \
	STORE(Y6, Y7); \
	STORE(Y8, Y9); \
	STORE(Y10, Y11); \
	STORE(Y12, Y13); \
	STORE(Y14, Y15); \
done: \
	VZEROUPPER; \
	RET

// Two neighbours at a step: weights grow to 16 bits, as the activations have them, and
// the sum of two products is exact in 32.
#define WIDEN \
	VPMOVSXBW (SI), Y0; \
	VPMOVSXBW 16(SI), Y1

#define MADD(x, lo, hi, l, h) \
	VPBROADCASTD x, Y2; \
	VPMADDWD Y0, Y2, Y3; \
	VPADDD Y3, lo, lo; \
	VPMADDWD Y1, Y2, Y3; \
	VPADDD Y3, hi, hi

// func int8TileAVX2(t *int8Tile)
TEXT ·int8TileAVX2(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), R14
	MOVQ $32, DX
	TILE(WIDEN, MADD)

// Four neighbours at a step. The assembler knows VPDPBUSD only as AVX-512 encodes it;
// AVX-VNNI's is VEX.256.66.0F38.W0 50 /r (Intel SDM), here with the activations in Y2.
#define LOAD \
	VMOVDQU (SI), Y0; \
	VMOVDQU 32(SI), Y1

#define VPDPBUSD(weights, sums) \
	BYTE $0xC4; \
	BYTE $(0xE2 - 16*((sums)&8)); \
	BYTE $0x6D; \
	BYTE $0x50; \
	BYTE $(0xC0 | ((sums)&7)<<3 | (weights))

#define DOT(x, lo, hi, l, h) \
	VPBROADCASTD x, Y2; \
	VPDPBUSD(0, l); \
	VPDPBUSD(1, h)

// func int8TileAVXVNNI(t *int8Tile)
TEXT ·int8TileAVXVNNI(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), R14
	MOVQ $64, DX
	TILE(LOAD, DOT)
