#include "textflag.h"

// Panels of B for the tiles: a panel is nr columns wide, one row of it after another.

// func packRowsAVX2(dst, src *float32, ld, rows, nr int)
//
// Copies nr (16 or 32) columns of rows rows that lie ld elements apart.
TEXT ·packRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ ld+16(FP), R8
	MOVQ rows+24(FP), CX
	MOVQ nr+32(FP), DX
	SHLQ $2, R8

row:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	CMPQ DX, $16
	JEQ  next
	VMOVUPS 64(SI), Y2
	VMOVUPS 96(SI), Y3
	VMOVUPS Y2, 64(DI)
	VMOVUPS Y3, 96(DI)

next:
	ADDQ R8, SI
	LEAQ (DI)(DX*4), DI
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET

// The three steps of an 8×8 transpose: interleave by 32 bits, by 64, exchange halves.
#define BY32(a, b, lo, hi) VUNPCKLPS b, a, lo; VUNPCKHPS b, a, hi
#define BY64(a, b, lo, hi) VUNPCKLPD b, a, lo; VUNPCKHPD b, a, hi
#define BY128(a, b, lo, hi) VPERM2F128 $0x20, b, a, lo; VPERM2F128 $0x31, b, a, hi

// func packCols8(dst *float32, rows *[8]*float32, k, nr int)
//
// Transposes 8 rows of k elements into 8 columns of a panel, 8 elements at a time. The
// rows are not read past k; the panel is written up to the next multiple of 8.
TEXT ·packCols8(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ k+16(FP), CX
	MOVQ nr+24(FP), DX
	SHLQ $2, DX            // bytes from row to row of the panel
	MOVQ 0(SI), R8
	MOVQ 8(SI), R9
	MOVQ 16(SI), R10
	MOVQ 24(SI), R11
	MOVQ 32(SI), R12
	MOVQ 40(SI), R13
	MOVQ 48(SI), R14
	MOVQ 56(SI), R15
	XORQ AX, AX
	LEAQ ·laneMask(SB), SI // all eight lanes

block:
	CMPQ CX, $8
	JGE  load
	LEAQ ·laneMask+32(SB), SI // the first k lanes
	SHLQ $2, CX
	SUBQ CX, SI
	SHRQ $2, CX

load:
	VMOVUPS (SI), Y15
	VMASKMOVPS (R8)(AX*1), Y15, Y0
	VMASKMOVPS (R9)(AX*1), Y15, Y1
	VMASKMOVPS (R10)(AX*1), Y15, Y2
	VMASKMOVPS (R11)(AX*1), Y15, Y3
	VMASKMOVPS (R12)(AX*1), Y15, Y4
	VMASKMOVPS (R13)(AX*1), Y15, Y5
	VMASKMOVPS (R14)(AX*1), Y15, Y6
	VMASKMOVPS (R15)(AX*1), Y15, Y7
	ADDQ $32, AX

	BY32(Y0, Y1, Y8, Y9)
	BY32(Y2, Y3, Y10, Y11)
	BY32(Y4, Y5, Y12, Y13)
	BY32(Y6, Y7, Y14, Y15)
	BY64(Y8, Y10, Y0, Y1)
	BY64(Y9, Y11, Y2, Y3)
	BY64(Y12, Y14, Y4, Y5)
	BY64(Y13, Y15, Y6, Y7)
	BY128(Y0, Y4, Y8, Y12)
	BY128(Y1, Y5, Y9, Y13)
	BY128(Y2, Y6, Y10, Y14)
	BY128(Y3, Y7, Y11, Y15)

	LEAQ (DI)(DX*2), BX
	VMOVUPS Y8, (DI)
	VMOVUPS Y9, (DI)(DX*1)
	VMOVUPS Y10, (BX)
	VMOVUPS Y11, (BX)(DX*1)
	LEAQ (DI)(DX*4), DI
	LEAQ (BX)(DX*4), BX
	VMOVUPS Y12, (DI)
	VMOVUPS Y13, (DI)(DX*1)
	VMOVUPS Y14, (BX)
	VMOVUPS Y15, (BX)(DX*1)
	LEAQ (DI)(DX*4), DI

	SUBQ $8, CX
	JGT  block
	VZEROUPPER
	RET

// The first n of eight lanes start at laneMask + 32 − 4n.
DATA ·laneMask+0(SB)/8, $-1
DATA ·laneMask+8(SB)/8, $-1
DATA ·laneMask+16(SB)/8, $-1
DATA ·laneMask+24(SB)/8, $-1
DATA ·laneMask+32(SB)/8, $0
DATA ·laneMask+40(SB)/8, $0
DATA ·laneMask+48(SB)/8, $0
DATA ·laneMask+56(SB)/8, $0
GLOBL ·laneMask(SB), RODATA|NOPTR, $64
