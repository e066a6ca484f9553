#include "textflag.h"

// Pairs of bfloat16 for the tiles, which read them as they read float32. The rounding of
// AVX512_BF16 is that of roundBF16.

// HALVES is VCVTNE2PS2BF16 Z0, Z1, Z0: Z0 and then Z1, rounded, 32 of them.
#define HALVES \
	BYTE $0x62; \
	BYTE $0xf2; \
	BYTE $0x77; \
	BYTE $0x48; \
	BYTE $0x72; \
	BYTE $0xc0

// func pairRow(dst, src *float32, n int)
//
// Rounds n numbers that lie one after another. Writes 16 pairs at a time, 0 beyond the last.
TEXT ·pairRow(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), DX
	CMPQ DX, $32
	JLT  tail

block:
	VMOVUPS (SI), Z0
	VMOVUPS 64(SI), Z1
	HALVES
	VMOVUPS Z0, (DI)
	ADDQ $128, SI
	ADDQ $64, DI
	SUBQ $32, DX
	CMPQ DX, $32
	JGE  block

tail:
	TESTQ DX, DX
	JZ    end
	MOVQ  DX, CX
	MOVQ  $1, AX
	SHLQ  CX, AX
	DECQ  AX
	KMOVW AX, K1 // of the first n lanes
	SHRQ  $16, AX
	KMOVW AX, K2
	VMOVUPS.Z (SI), K1, Z0
	VMOVUPS.Z 64(SI), K2, Z1
	HALVES
	VMOVUPS Z0, (DI)

end:
	VZEROUPPER
	RET

// COLUMNS is 16 pairs of the rows at SI and, under mask, R9: at offset of both and of DI.
#define COLUMNS(offset, mask, also) \
	VMOVUPS.Z offset(SI), mask, Z0; \
	VMOVUPS.Z offset(R9), also, Z1; \
	HALVES; \
	VPERMW Z0, Z2, Z0; \
	VMOVDQU32 Z0, offset(DI)

// func pairColumns(dst, src *float32, ld, rows, nr int, mask uint32)
//
// Makes pairs of the rows 0 and 1, 2 and 3, and so on, that lie ld elements apart: nr (16
// or 32) columns of them, 0 where the mask has none.
TEXT ·pairColumns(SB), NOSPLIT, $0-44
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ ld+16(FP), R8
	MOVQ rows+24(FP), CX
	MOVQ nr+32(FP), DX
	MOVL mask+40(FP), AX
	KMOVW AX, K1
	KMOVW AX, K3
	SHRL $16, AX
	KMOVW AX, K2
	KMOVW AX, K4
	SHLQ $2, R8
	VMOVDQU32 ·interleaving(SB), Z2

pair:
	LEAQ (SI)(R8*1), R9
	CMPQ CX, $1
	JNE  both
	MOVQ SI, R9 // which has no second row
	KXORW K3, K3, K3
	KXORW K4, K4, K4

both:
	COLUMNS(0, K1, K3)
	CMPQ DX, $16
	JEQ  next
	COLUMNS(64, K2, K4)

next:
	LEAQ (SI)(R8*2), SI
	LEAQ (DI)(DX*4), DI
	SUBQ $2, CX
	JGT  pair
	VZEROUPPER
	RET

// The elements 0, 16, 1, 17, and so on, of 32.
DATA ·interleaving+0(SB)/8, $0x0011000100100000
DATA ·interleaving+8(SB)/8, $0x0013000300120002
DATA ·interleaving+16(SB)/8, $0x0015000500140004
DATA ·interleaving+24(SB)/8, $0x0017000700160006
DATA ·interleaving+32(SB)/8, $0x0019000900180008
DATA ·interleaving+40(SB)/8, $0x001b000b001a000a
DATA ·interleaving+48(SB)/8, $0x001d000d001c000c
DATA ·interleaving+56(SB)/8, $0x001f000f001e000e
GLOBL ·interleaving(SB), RODATA|NOPTR, $64
