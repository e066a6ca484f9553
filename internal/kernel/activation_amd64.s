#include "textflag.h"

// The table of a curve: P from its constant up in Y6 … Y12, L, −L and ½.
#define TERM(c) VMULPS Y3, Y2, Y2; VADDPS c, Y2, Y2

// func curveAVX2(y *float32, ldy, rows, n int, c *lanes)
//
// The curve at n elements, a multiple of 8, of each of the rows, ldy bytes apart. The
// minimum and maximum return their last operand, here x, if that is NaN.
TEXT ·curveAVX2(SB), NOSPLIT, $0-40
	MOVQ y+0(FP), DI
	MOVQ ldy+8(FP), R8
	MOVQ rows+16(FP), CX
	MOVQ n+24(FP), DX
	MOVQ c+32(FP), R9
	VMOVUPS 0(R9), Y6
	VMOVUPS 32(R9), Y7
	VMOVUPS 64(R9), Y8
	VMOVUPS 96(R9), Y9
	VMOVUPS 128(R9), Y10
	VMOVUPS 160(R9), Y11
	VMOVUPS 192(R9), Y12
	VMOVUPS 224(R9), Y13
	VMOVUPS 256(R9), Y14
	VMOVUPS 288(R9), Y15
	SHLQ $2, DX

row:
	XORQ AX, AX

element:
	VMOVUPS (DI)(AX*1), Y0
	VMINPS Y0, Y13, Y1
	VMAXPS Y1, Y14, Y1 // y
	VMULPS Y1, Y1, Y3
	VMULPS Y3, Y12, Y2
	VADDPS Y11, Y2, Y2
	TERM(Y10)
	TERM(Y9)
	TERM(Y8)
	TERM(Y7)
	TERM(Y6)
	VMULPS Y2, Y1, Y2
	VADDPS Y15, Y2, Y2
	VMAXPS Y0, Y14, Y0
	VMULPS Y2, Y0, Y0
	VMOVUPS Y0, (DI)(AX*1)
	ADDQ $32, AX
	CMPQ AX, DX
	JLT  element
	ADDQ R8, DI
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET
