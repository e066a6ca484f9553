#include "textflag.h"

// hash's multiplier in every 64-bit lane, and the part of it above 32 bits.
DATA hashLow<>+0(SB)/8, $0xd6e8feb86659fd93
GLOBL hashLow<>(SB), RODATA|NOPTR, $8
DATA hashHigh<>+0(SB)/8, $0x00000000d6e8feb8
GLOBL hashHigh<>(SB), RODATA|NOPTR, $8

// MIX is z = (z ^ z>>32)·multiplier in 64 bits, from products of 32: Y14 and Y13 hold
// the multiplier's low and high half. Overwrites Y1, Y2.
#define MIX(z) \
	VPSRLQ $32, z, Y1; \
	VPXOR Y1, z, z; \
	VPSRLQ $32, z, Y1; \
	VPMULUDQ Y14, Y1, Y1; \
	VPMULUDQ Y13, z, Y2; \
	VPADDQ Y2, Y1, Y1; \
	VPSLLQ $32, Y1, Y1; \
	VPMULUDQ Y14, z, z; \
	VPADDQ Y1, z, z

// func dropoutSIMD(dst, x *float32, n int, first *[4]uint64, step uint64, bound uint32, factor float32)
//
// Sixteen elements at a time, n a multiple: the hashes of four groups are the sixteen
// 16-bit numbers, in order, that decide. first holds what the hashes start from, step
// what takes them to the next four.
TEXT ·dropoutSIMD(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ first+24(FP), AX
	VMOVDQU (AX), Y15
	VPBROADCASTQ step+32(FP), Y12
	VBROADCASTSS bound+40(FP), Y11
	VBROADCASTSS factor+44(FP), Y10
	VPBROADCASTQ hashLow<>(SB), Y14
	VPBROADCASTQ hashHigh<>(SB), Y13

loop:
	VMOVDQA Y15, Y0
	MIX(Y0)
	MIX(Y0)
	VPSRLQ $32, Y0, Y1
	VPXOR Y1, Y0, Y0
	VPMOVZXWD X0, Y3
	VEXTRACTI128 $1, Y0, X0
	VPMOVZXWD X0, Y4
	VPCMPGTD Y3, Y11, Y3 // all ones where the element falls
	VPCMPGTD Y4, Y11, Y4
	VPANDN Y10, Y3, Y3
	VPANDN Y10, Y4, Y4
	VMULPS (SI), Y3, Y3
	VMULPS 32(SI), Y4, Y4
	VMOVUPS Y3, (DI)
	VMOVUPS Y4, 32(DI)
	VPADDQ Y12, Y15, Y15
	ADDQ $64, SI
	ADDQ $64, DI
	SUBQ $16, CX
	JNZ  loop
	VZEROUPPER
	RET
