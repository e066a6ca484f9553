#include "textflag.h"
#include "tile_avx512_amd64.h"

// One tile of the product, up to 14 rows by 32 columns, held in registers:
//
//	Z0, Z1     32 columns of one row of B
//	Z2         one element of A in every lane
//	Z4 … Z31   the tile: row i in Z(4+2i), Z(5+2i)
//
// Every step of the k loop loads one row of B and, for each row of the tile, one
// element of A: 28 fused multiply-adds on 16 loads, so the multipliers are the limit.
// A is reached by strides; that is why it may lie either way round. Every element is the
// same chain of additions at all heights.

#define ROW(a, lo, hi, n) \
	VBROADCASTSS a, Z2; \
	VFMADD231PS Z0, Z2, lo; \
	VFMADD231PS Z1, Z2, hi

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
	MASKS(mask+88(FP), K1, K2)
	MASKS(add+92(FP), K3, K4)

	SHLQ $2, R8  // strides in bytes
	SHLQ $2, R10
	SHLQ $2, R11
	SUMS(ROW)

store:
	MOVQ c+56(FP), R12
	MOVQ ldc+64(FP), R13
	SHLQ $2, R13
	MOVQ d+72(FP), R14
	MOVQ ldd+80(FP), R10
	SHLQ $2, R10
	STORES(STORE)

done:
	VZEROUPPER
	RET
