#include "textflag.h"
#include "go_asm.h"
#include "tile_avx512_amd64.h"
#include "int8_amd64.h"

// Tiles of the int8 product, up to 14 rows by 32 columns, side by side; the idea is that
// of tileAVX512, but a step takes four neighbours of every row and column:
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
	JMP  sums

// One row of y: as it is, its sum with another or its curve. Leaves after the last.
#define STORE(lo, hi) \
	SCALED((R8), 64(R8), Z2, Z3, 64, lo, hi); \
	PUT(64, lo, hi); \
	DECQ R15; \
	JZ   done

#define STORECURVE(lo, hi) \
	SCALED((R8), 64(R8), Z2, Z3, 64, lo, hi); \
	CURVE(lo); \
	CURVE(hi); \
	PUT(64, lo, hi); \
	DECQ R15; \
	JZ   done

// STORESUM adds the row of the addend at AX, whose rows are DI bytes apart.
#define STORESUM(lo, hi) \
	SCALED((R8), 64(R8), Z2, Z3, 64, lo, hi); \
	VADDPS (AX), lo, lo; \
	VADDPS 64(AX), hi, hi; \
	ADDQ DI, AX; \
	PUT(64, lo, hi); \
	DECQ R15; \
	JZ   done

// CURVE is curveOf of x, with the table at AX: P from its constant up, L, −L and ½. The
// minimum and maximum return their last operand, here x, if that is NaN.
#define TERM(n) VMULPS Z1, Z2, Z2; VADDPS.BCST n(AX), Z2, Z2
#define CURVE(x) \
	VBROADCASTSS 224(AX), Z3; \
	VMINPS x, Z3, Z0; \
	VBROADCASTSS 256(AX), Z3; \
	VMAXPS Z0, Z3, Z0; \
	VMAXPS x, Z3, x; \
	VMULPS Z0, Z0, Z1; \
	VMULPS.BCST 192(AX), Z1, Z2; \
	VADDPS.BCST 160(AX), Z2, Z2; \
	TERM(128); \
	TERM(96); \
	TERM(64); \
	TERM(32); \
	TERM(0); \
	VMULPS Z2, Z0, Z2; \
	VADDPS.BCST 288(AX), Z2, Z2; \
	VMULPS Z2, x, x

// PREFETCHW of (AX) and 64(AX), which the assembler does not know: 0F 0D /1.
#define PREFETCHWAX \
	BYTE $0x0F; BYTE $0x0D; BYTE $0x08; \
	BYTE $0x0F; BYTE $0x0D; BYTE $0x48; BYTE $0x40

// func int8TileAVX512(t *int8Tile)
//
// While the sums of a panel grow, R10 is the bytes of a row of y that are done and R11
// what is fetched ahead; while they are stored, CX, DX and BX keep these and the panel
// that comes next.
TEXT ·int8TileAVX512(SB), NOSPLIT, $8-8
	MOVQ t+0(FP), R14
	MOVQ int8Tile_panels(R14), CX
	MOVQ CX, left-8(SP)
	MOVQ int8Tile_w(R14), SI
	MOVQ int8Tile_ahead(R14), R11
	XORQ R10, R10

panel:
	MOVQ int8Tile_rows(R14), R15
	MOVQ int8Tile_y(R14), AX
	MOVQ int8Tile_ldy(R14), BX
	MOVQ R15, CX
	ADDQ R10, AX

own: // lines of y, and of the addend, come while its sums grow
	PREFETCHWAX
	ADDQ BX, AX
	DECQ CX
	JNZ  own
	MOVQ int8Tile_addend(R14), AX
	TESTQ AX, AX
	JZ   grow
	MOVQ int8Tile_ldadd(R14), BX
	MOVQ R15, CX
	ADDQ R10, AX

other:
	PREFETCHT0 (AX)
	PREFETCHT0 64(AX)
	ADDQ BX, AX
	DECQ CX
	JNZ  other

grow:
	MOVQ int8Tile_steps(R14), DI
	MOVQ int8Tile_x(R14), AX
	MOVQ int8Tile_ldx(R14), R8
	MOVQ R11, R12
	MOVQ int8Tile_pace(R14), R13
	SUMS(ROW)

sums:
	MOVQ SI, BX
	MOVQ R10, CX
	MOVQ R11, DX
	OUTPUTS
	ADDQ CX, R8
	ADDQ CX, R9
	ADDQ CX, R10
	ADDQ CX, SI
	MOVQ int8Tile_curve(R14), AX
	TESTQ AX, AX
	JNZ  curve
	MOVQ int8Tile_addend(R14), AX
	TESTQ AX, AX
	JNZ  added
	STORES(STORE)

added:
	ADDQ CX, AX
	MOVQ int8Tile_ldadd(R14), DI
	STORES(STORESUM)

curve:
	STORES(STORECURVE)

done:
	MOVQ BX, SI
	LEAQ 128(CX), R10
	MOVQ DX, R11
	ADDQ int8Tile_leap(R14), R11
	DECQ left-8(SP)
	JNZ  panel
	VZEROUPPER
	RET
