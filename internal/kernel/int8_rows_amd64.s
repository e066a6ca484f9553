#include "textflag.h"

// Rows of activations become bytes, 32 elements at a time: n is a multiple of that.

// func spanAVX2(x *float32, n int) (lo, hi float32, most uint32)
//
// The least and the greatest of 0 and all x, if all are finite, and the greatest bits
// of all |x|.
TEXT ·spanAVX2(SB), NOSPLIT, $0-28
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VPCMPEQD Y15, Y15, Y15
	VPSRLD $1, Y15, Y15 // all bits but the sign

loop:
	VMOVUPS (SI), Y6
	VMOVUPS 32(SI), Y7
	VMOVUPS 64(SI), Y8
	VMOVUPS 96(SI), Y9
	VMINPS Y6, Y0, Y0
	VMINPS Y7, Y1, Y1
	VMAXPS Y6, Y2, Y2
	VMAXPS Y7, Y3, Y3
	VPAND Y15, Y6, Y6
	VPAND Y15, Y7, Y7
	VPMAXSD Y6, Y4, Y4
	VPMAXSD Y7, Y5, Y5
	VMINPS Y8, Y0, Y0
	VMINPS Y9, Y1, Y1
	VMAXPS Y8, Y2, Y2
	VMAXPS Y9, Y3, Y3
	VPAND Y15, Y8, Y8
	VPAND Y15, Y9, Y9
	VPMAXSD Y8, Y4, Y4
	VPMAXSD Y9, Y5, Y5
	ADDQ $128, SI
	SUBQ $32, CX
	JNZ  loop

	VMINPS Y1, Y0, Y0
	VMAXPS Y3, Y2, Y2
	VPMAXSD Y5, Y4, Y4
	VEXTRACTF128 $1, Y0, X1
	VEXTRACTF128 $1, Y2, X3
	VEXTRACTI128 $1, Y4, X5
	VMINPS X1, X0, X0
	VMAXPS X3, X2, X2
	VPMAXSD X5, X4, X4
	VPERMILPS $0x4E, X0, X1 // the other two of four
	VPERMILPS $0x4E, X2, X3
	VPSHUFD $0x4E, X4, X5
	VMINPS X1, X0, X0
	VMAXPS X3, X2, X2
	VPMAXSD X5, X4, X4
	VPERMILPS $0xB1, X0, X1 // the other one of two
	VPERMILPS $0xB1, X2, X3
	VPSHUFD $0xB1, X4, X5
	VMINPS X1, X0, X0
	VMAXPS X3, X2, X2
	VPMAXSD X5, X4, X4
	VMOVSS X0, lo+16(FP)
	VMOVSS X2, hi+20(FP)
	VMOVSS X4, most+24(FP)
	VZEROUPPER
	RET

// INTEGERS is rnd(x·r) + z of 8 elements, r in Y14 and z in Y15.
#define INTEGERS(x, y) \
	VMULPS x, Y14, y; \
	VCVTPS2DQ y, y; \
	VPADDD Y15, y, y

// BYTES is 32 of them in Y0, each 0 … 255 in a byte. Packing works on halves, so the
// groups of four come out in the order 0, 2, 4, 6, 1, 3, 5, 7, which Y13 mends.
#define BYTES \
	INTEGERS((SI), Y0); \
	INTEGERS(32(SI), Y1); \
	INTEGERS(64(SI), Y2); \
	INTEGERS(96(SI), Y3); \
	VPACKSSDW Y1, Y0, Y0; \
	VPACKSSDW Y3, Y2, Y2; \
	VPACKUSWB Y2, Y0, Y0; \
	VPERMD Y0, Y13, Y0

// func quantizeAVX2(dst *byte, x *float32, n int, r float32, z int32)
TEXT ·quantizeAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTSS r+24(FP), Y14
	VBROADCASTSS z+28(FP), Y15
	VMOVDQU ·fourOrder(SB), Y13

loop:
	BYTES
	VMOVDQU Y0, (DI)
	ADDQ $128, SI
	ADDQ $32, DI
	SUBQ $32, CX
	JNZ  loop
	VZEROUPPER
	RET

// func quantizeWordsAVX2(dst *byte, x *float32, n int, r float32, z int32)
TEXT ·quantizeWordsAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTSS r+24(FP), Y14
	VBROADCASTSS z+28(FP), Y15
	VMOVDQU ·fourOrder(SB), Y13

loop:
	BYTES
	VEXTRACTI128 $1, Y0, X1
	VPMOVZXBW X0, Y0
	VPMOVZXBW X1, Y1
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	ADDQ $128, SI
	ADDQ $64, DI
	SUBQ $32, CX
	JNZ  loop
	VZEROUPPER
	RET

DATA ·fourOrder+0(SB)/8, $0x0000000400000000
DATA ·fourOrder+8(SB)/8, $0x0000000500000001
DATA ·fourOrder+16(SB)/8, $0x0000000600000002
DATA ·fourOrder+24(SB)/8, $0x0000000700000003
GLOBL ·fourOrder(SB), RODATA|NOPTR, $32
