#include "textflag.h"
#include "tile_avx512_amd64.h"

// One tile of the product of bfloat16, up to 14 rows by 32 columns; the idea is that of
// tileAVX512, but a step takes a pair of every row and column:
//
//	Z0, Z1     32 pairs of op(B)
//	Z2         a pair of one row of op(A), in every lane
//	Z4 … Z31   the tile: row i in Z(4+2i), Z(5+2i)
//
// Go's assembler does not know the instructions of AVX512_BF16.

// DOT is VDPBF16PS Zb, Z2, Zd, with b below 8: Zd += Z2·Zb, pair by pair.
#define DOT(b, d) \
	BYTE $0x62; \
	BYTE $(0x62 | (1-(((d)>>3)&1))<<7 | (1-(((d)>>4)&1))<<4); \
	BYTE $0x6e; \
	BYTE $0x48; \
	BYTE $0x52; \
	BYTE $(0xc0 | ((d)&7)<<3 | (b))

#define ROW(a, lo, hi, n) \
	VBROADCASTSS a, Z2; \
	DOT(0, n); \
	DOT(1, n+1)

#define LOOP(label, rows) \
label: \
	VMOVUPS (SI), Z0; \
	VMOVUPS 64(SI), Z1; \
	rows; \
	ADDQ $128, SI; \
	ADDQ R10, AX; \
	ADDQ R10, BX; \
	ADDQ R10, CX; \
	ADDQ R10, DX; \
	DECQ DI; \
	JNZ  label; \
	JMP  store

// One row of C, as tileAVX512 stores it.
#define STORE(lo, hi) \
	VADDPS (R14), lo, K3, lo; \
	VADDPS 64(R14), hi, K4, hi; \
	VMOVUPS lo, K1, (R12); \
	VMOVUPS hi, K2, 64(R12); \
	ADDQ R13, R12; \
	ADDQ R10, R14; \
	DECQ R15; \
	JZ   done

// func tileBF16(h, k int, a *float32, rs, cs int, b *float32, c *float32, ldc int, d *float32, ldd int, mask, add uint32)
TEXT ·tileBF16(SB), NOSPLIT, $0-88
	MOVQ h+0(FP), R15
	MOVQ k+8(FP), DI
	MOVQ a+16(FP), AX
	MOVQ rs+24(FP), R8
	MOVQ cs+32(FP), R10
	MOVQ b+40(FP), SI
	MASKS(mask+80(FP), K1, K2)
	MASKS(add+84(FP), K3, K4)

	SHLQ $2, R8  // strides in bytes
	SHLQ $2, R10
	SUMS(ROW)

store:
	MOVQ c+48(FP), R12
	MOVQ ldc+56(FP), R13
	SHLQ $2, R13
	MOVQ d+64(FP), R14
	MOVQ ldd+72(FP), R10
	SHLQ $2, R10
	STORES(STORE)

done:
	VZEROUPPER
	RET
