#include "textflag.h"
#include "go_asm.h"
#include "tile_avx512_amd64.h"

// Tiles of a product, up to 14 rows by 32 columns, side by side, as tileAVX512 computes one.

#define ROW(a, lo, hi, n) \
	VBROADCASTSS a, Z2; \
	VFMADD231PS Z0, Z2, lo; \
	VFMADD231PS Z1, Z2, hi

#define LOOP(label, rows) \
label: \
	VMOVUPS (SI), Z0; \
	VMOVUPS 64(SI), Z1; \
	rows; \
	ADDQ $128, SI; \
	ADDQ $4, AX; \
	ADDQ $4, BX; \
	ADDQ $4, CX; \
	ADDQ $4, DX; \
	DECQ DI; \
	JNZ  label; \
	JMP  store

// One row of c. Leaves after the last.
#define STORE(lo, hi) \
	VMOVUPS lo, K1, (R12); \
	VMOVUPS hi, K2, 64(R12); \
	ADDQ R13, R12; \
	DECQ R15; \
	JZ   done

// func tilesAVX512(t *panelRun)
//
// R10 is the columns that are left, R11 where they begin in c.
TEXT ·tilesAVX512(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), R14
	MOVQ panelRun_b(R14), SI
	MOVQ panelRun_n(R14), R10
	MOVQ panelRun_c(R14), R11
	MOVQ panelRun_ldc(R14), R13

panel:
	MOVQ $-1, R12
	CMPQ R10, $32
	JGE  full
	MOVQ R10, CX
	MOVQ $1, R12
	SHLQ CX, R12
	DECQ R12

full:
	KMOVW R12, K1
	SHRQ $16, R12
	KMOVW R12, K2
	MOVQ panelRun_rows(R14), R15
	MOVQ panelRun_k(R14), DI
	MOVQ panelRun_a(R14), AX
	MOVQ panelRun_lda(R14), R8
	SUMS(ROW)

store:
	MOVQ R11, R12
	STORES(STORE)

done:
	ADDQ $128, R11
	SUBQ $32, R10
	JG   panel
	VZEROUPPER
	RET
