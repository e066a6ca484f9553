#include "textflag.h"
#include "go_asm.h"
#include "tile_avx512_amd64.h"
#include "int8_amd64.h"

// One tile of the int8 product, up to 14 rows by 32 columns; the idea is that of
// tileAVX512, but a step takes four neighbours of every row and column:
//
//	Z0, Z1     4 × 32 weights
//	Z2         4 activations of one row, in every lane
//	Z4 … Z31   the tile: row i in Z(4+2i), Z(5+2i)

#define ROW(x, lo, hi, n) \
	VPBROADCASTD x, Z2; \
	VPDPBUSD Z0, Z2, lo; \
	VPDPBUSD Z1, Z2, hi

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

// One row of y. Leaves after the last.
#define STORE(lo, hi) \
	OUTPUT(Z0, Z1, Z2, Z3, 64, lo, hi); \
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

	CLEAR
	HEIGHTS(ROW)

store:
	OUTPUTS
	VMOVDQU32 (R8), Z0
	VMOVDQU32 64(R8), Z1
	STORES

done:
	VZEROUPPER
	RET
