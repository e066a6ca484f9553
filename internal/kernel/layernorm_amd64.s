#include "textflag.h"
#include "simd_amd64.h"

// SUM64 adds the four lanes of y into the low one of x, its low half.
#define SUM64(y, x, tmp) \
	VEXTRACTF128 $1, y, tmp; \
	VADDPD tmp, x, x; \
	VHADDPD x, x, x

// func sumSIMD(x *float32, n int) float64
TEXT ·sumSIMD(SB), NOSPLIT, $0-24
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	VXORPD Y12, Y12, Y12
	VXORPD Y13, Y13, Y13

loop:
	CMPQ CX, $8
	JLT  tail
	VCVTPS2PD (SI), Y0
	VCVTPS2PD 16(SI), Y1
	VADDPD Y0, Y12, Y12
	VADDPD Y1, Y13, Y13
	ADDQ $32, SI
	SUBQ $8, CX
	JMP  loop

tail:
	TESTQ CX, CX
	JZ    done
	FIRST(CX, AX, Y15)
	VMASKMOVPS (SI), Y15, Y2
	VEXTRACTF128 $1, Y2, X3
	VCVTPS2PD X2, Y0
	VCVTPS2PD X3, Y1
	VADDPD Y0, Y12, Y12
	VADDPD Y1, Y13, Y13

done:
	VADDPD Y13, Y12, Y12
	SUM64(Y12, X12, X0)
	VMOVSD X12, ret+16(FP)
	VZEROUPPER
	RET

// SQUARES adds the squares of the lanes of Y2 to Y12 and Y13.
#define SQUARES \
	VEXTRACTF128 $1, Y2, X3; \
	VCVTPS2PD X2, Y0; \
	VCVTPS2PD X3, Y1; \
	VFMADD231PD Y0, Y0, Y12; \
	VFMADD231PD Y1, Y1, Y13

// func squaresSIMD(x *float32, n int, mean float32) float64
//
// Σ (x − mean)².
TEXT ·squaresSIMD(SB), NOSPLIT, $0-32
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	VBROADCASTSS mean+16(FP), Y14
	VXORPD Y12, Y12, Y12
	VXORPD Y13, Y13, Y13

loop:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (SI), Y2
	VSUBPS Y14, Y2, Y2
	SQUARES
	ADDQ $32, SI
	SUBQ $8, CX
	JMP  loop

tail:
	TESTQ CX, CX
	JZ    done
	FIRST(CX, AX, Y15)
	VMASKMOVPS (SI), Y15, Y2
	VSUBPS Y14, Y2, Y2
	VANDPS Y15, Y2, Y2
	SQUARES

done:
	VADDPD Y13, Y12, Y12
	SUM64(Y12, X12, X0)
	VMOVSD X12, ret+24(FP)
	VZEROUPPER
	RET

// func normSIMD(dst, x, gamma, beta *float32, n int, mean, rstd float32)
//
// One row: (x − mean)·rstd·gamma + beta.
TEXT ·normSIMD(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ gamma+16(FP), R8
	MOVQ beta+24(FP), R9
	MOVQ n+32(FP), CX
	VBROADCASTSS mean+40(FP), Y14
	VBROADCASTSS rstd+44(FP), Y13
	XORQ AX, AX

loop:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (SI)(AX*4), Y0
	VSUBPS Y14, Y0, Y0
	VMULPS Y13, Y0, Y0
	VMOVUPS (R9)(AX*4), Y1
	VFMADD132PS (R8)(AX*4), Y1, Y0
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ $8, AX
	SUBQ $8, CX
	JMP  loop

tail:
	TESTQ CX, CX
	JZ    done
	FIRST(CX, R10, Y15)
	VMASKMOVPS (SI)(AX*4), Y15, Y0
	VMASKMOVPS (R8)(AX*4), Y15, Y2
	VMASKMOVPS (R9)(AX*4), Y15, Y1
	VSUBPS Y14, Y0, Y0
	VMULPS Y13, Y0, Y0
	VFMADD132PS Y2, Y1, Y0
	VMASKMOVPS Y0, Y15, (DI)(AX*4)

done:
	VZEROUPPER
	RET

// func normSumsSIMD(dgamma, dbeta, dy, x, gamma *float32, n int, mean, rstd float32) (sum, dot float32)
//
// One row: dgamma += dy·x̂, dbeta += dy, and the sums of g = dy·gamma and of g·x̂, where
// x̂ = (x − mean)·rstd.
TEXT ·normSumsSIMD(SB), NOSPLIT, $0-64
	MOVQ dgamma+0(FP), DI
	MOVQ dbeta+8(FP), DX
	MOVQ dy+16(FP), BX
	MOVQ x+24(FP), SI
	MOVQ gamma+32(FP), R8
	MOVQ n+40(FP), CX
	VBROADCASTSS mean+48(FP), Y14
	VBROADCASTSS rstd+52(FP), Y13
	VXORPS Y12, Y12, Y12
	VXORPS Y11, Y11, Y11
	XORQ AX, AX

loop:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (SI)(AX*4), Y0
	VMOVUPS (BX)(AX*4), Y1
	VSUBPS Y14, Y0, Y0
	VMULPS Y13, Y0, Y0
	VMULPS (R8)(AX*4), Y1, Y2
	VADDPS Y2, Y12, Y12
	VFMADD231PS Y2, Y0, Y11
	VFMADD213PS (DI)(AX*4), Y1, Y0
	VADDPS (DX)(AX*4), Y1, Y1
	VMOVUPS Y0, (DI)(AX*4)
	VMOVUPS Y1, (DX)(AX*4)
	ADDQ $8, AX
	SUBQ $8, CX
	JMP  loop

tail:
	TESTQ CX, CX
	JZ    done
	FIRST(CX, R10, Y15)
	VMASKMOVPS (SI)(AX*4), Y15, Y0
	VMASKMOVPS (BX)(AX*4), Y15, Y1
	VMASKMOVPS (R8)(AX*4), Y15, Y2
	VMASKMOVPS (DI)(AX*4), Y15, Y3
	VMASKMOVPS (DX)(AX*4), Y15, Y4
	VSUBPS Y14, Y0, Y0
	VMULPS Y13, Y0, Y0
	VMULPS Y2, Y1, Y2
	VADDPS Y2, Y12, Y12
	VFMADD231PS Y2, Y0, Y11
	VFMADD213PS Y3, Y1, Y0
	VADDPS Y4, Y1, Y1
	VMASKMOVPS Y0, Y15, (DI)(AX*4)
	VMASKMOVPS Y1, Y15, (DX)(AX*4)

done:
	SUM(Y12, X12, X0)
	SUM(Y11, X11, X0)
	VMOVSS X12, sum+56(FP)
	VMOVSS X11, dot+60(FP)
	VZEROUPPER
	RET

// func normGradSIMD(dx, dy, x, gamma *float32, n int, mean, rstd, sum, dot float32)
//
// One row: rstd·(dy·gamma − sum − x̂·dot).
TEXT ·normGradSIMD(SB), NOSPLIT, $0-56
	MOVQ dx+0(FP), DI
	MOVQ dy+8(FP), BX
	MOVQ x+16(FP), SI
	MOVQ gamma+24(FP), R8
	MOVQ n+32(FP), CX
	VBROADCASTSS mean+40(FP), Y14
	VBROADCASTSS rstd+44(FP), Y13
	VBROADCASTSS sum+48(FP), Y12
	VBROADCASTSS dot+52(FP), Y11
	XORQ AX, AX

loop:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (SI)(AX*4), Y0
	VMOVUPS (BX)(AX*4), Y1
	VMOVUPS (R8)(AX*4), Y2
	VSUBPS Y14, Y0, Y0
	VMULPS Y13, Y0, Y0
	VFMSUB213PS Y12, Y2, Y1
	VFNMADD231PS Y11, Y0, Y1
	VMULPS Y13, Y1, Y1
	VMOVUPS Y1, (DI)(AX*4)
	ADDQ $8, AX
	SUBQ $8, CX
	JMP  loop

tail:
	TESTQ CX, CX
	JZ    done
	FIRST(CX, R10, Y15)
	VMASKMOVPS (SI)(AX*4), Y15, Y0
	VMASKMOVPS (BX)(AX*4), Y15, Y1
	VMASKMOVPS (R8)(AX*4), Y15, Y2
	VSUBPS Y14, Y0, Y0
	VMULPS Y13, Y0, Y0
	VFMSUB213PS Y12, Y2, Y1
	VFNMADD231PS Y11, Y0, Y1
	VMULPS Y13, Y1, Y1
	VMASKMOVPS Y1, Y15, (DI)(AX*4)

done:
	VZEROUPPER
	RET
