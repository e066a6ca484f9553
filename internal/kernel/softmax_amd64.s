#include "textflag.h"
#include "simd_amd64.h"

// func softmaxSIMD(x *float32, n int, scale float32, e *lanes)
//
// One row, n > 0, in three passes: the largest scaled element (Y13); the exponentials
// and their sum (Y12); the division.
TEXT ·softmaxSIMD(SB), NOSPLIT, $0-32
	MOVQ x+0(FP), DI
	MOVQ n+8(FP), DX
	VBROADCASTSS scale+16(FP), Y14
	MOVQ e+24(FP), R10
	MOVL $0xff800000, AX       // -Inf
	VMOVD AX, X13
	VPBROADCASTD X13, Y13
	VMOVAPS Y13, Y11
	VXORPS Y12, Y12, Y12

	MOVQ DI, SI
	MOVQ DX, CX

top:
	CMPQ CX, $8
	JLT  topTail
	VMULPS (SI), Y14, Y0
	VMAXPS Y0, Y13, Y13
	ADDQ $32, SI
	SUBQ $8, CX
	JMP  top

topTail:
	TESTQ CX, CX
	JZ    spread
	FIRST(CX, AX, Y15)
	VMASKMOVPS (SI), Y15, Y0
	VMULPS Y0, Y14, Y0
	VBLENDVPS Y15, Y0, Y11, Y0
	VMAXPS Y0, Y13, Y13

spread: // the largest lane to all of them
	VPERM2F128 $1, Y13, Y13, Y0
	VMAXPS Y0, Y13, Y13
	VPERMILPS $0x4e, Y13, Y0
	VMAXPS Y0, Y13, Y13
	VPERMILPS $0xb1, Y13, Y0
	VMAXPS Y0, Y13, Y13

	MOVQ DI, SI
	MOVQ DX, CX

exp:
	CMPQ CX, $8
	JLT  expTail
	VMOVUPS (SI), Y0
	VFMSUB213PS Y13, Y14, Y0
	EXP(Y0)
	VADDPS Y0, Y12, Y12
	VMOVUPS Y0, (SI)
	ADDQ $32, SI
	SUBQ $8, CX
	JMP  exp

expTail:
	TESTQ CX, CX
	JZ    divide
	FIRST(CX, AX, Y15)
	VMASKMOVPS (SI), Y15, Y0
	VFMSUB213PS Y13, Y14, Y0
	EXP(Y0)
	VANDPS Y15, Y0, Y11        // stays here: it may be the whole row
	VADDPS Y11, Y12, Y12

divide:
	SUM(Y12, X12, X0)
	VMOVSS EXP1, X1
	VDIVSS X12, X1, X1
	VBROADCASTSS X1, Y1

scale:
	CMPQ DX, $8
	JLT  scaleTail
	VMULPS (DI), Y1, Y0
	VMOVUPS Y0, (DI)
	ADDQ $32, DI
	SUBQ $8, DX
	JMP  scale

scaleTail:
	TESTQ DX, DX
	JZ    done
	VMULPS Y11, Y1, Y0
	VMASKMOVPS Y0, Y15, (DI)

done:
	VZEROUPPER
	RET

// func softmaxGradSIMD(dx, p, dp *float32, n int, scale float32)
//
// One row: Σ p·dp, then scale·p·(dp − Σ).
TEXT ·softmaxGradSIMD(SB), NOSPLIT, $0-36
	MOVQ dx+0(FP), DI
	MOVQ p+8(FP), SI
	MOVQ dp+16(FP), DX
	MOVQ n+24(FP), CX
	VBROADCASTSS scale+32(FP), Y14
	VXORPS Y12, Y12, Y12
	XORQ AX, AX
	MOVQ CX, BX

dot:
	CMPQ BX, $8
	JLT  dotTail
	VMOVUPS (SI)(AX*4), Y0
	VFMADD231PS (DX)(AX*4), Y0, Y12
	ADDQ $8, AX
	SUBQ $8, BX
	JMP  dot

dotTail:
	TESTQ BX, BX
	JZ    spread
	FIRST(BX, R8, Y15)
	VMASKMOVPS (SI)(AX*4), Y15, Y0
	VMASKMOVPS (DX)(AX*4), Y15, Y1
	VFMADD231PS Y1, Y0, Y12

spread:
	SUM(Y12, X12, X0)
	VBROADCASTSS X12, Y12
	XORQ AX, AX

grad:
	CMPQ CX, $8
	JLT  gradTail
	VMOVUPS (DX)(AX*4), Y0
	VSUBPS Y12, Y0, Y0
	VMULPS (SI)(AX*4), Y14, Y1
	VMULPS Y1, Y0, Y0
	VMOVUPS Y0, (DI)(AX*4)
	ADDQ $8, AX
	SUBQ $8, CX
	JMP  grad

gradTail:
	TESTQ CX, CX
	JZ    done
	VMASKMOVPS (DX)(AX*4), Y15, Y0
	VMASKMOVPS (SI)(AX*4), Y15, Y1
	VSUBPS Y12, Y0, Y0
	VMULPS Y1, Y14, Y1
	VMULPS Y1, Y0, Y0
	VMASKMOVPS Y0, Y15, (DI)(AX*4)

done:
	VZEROUPPER
	RET
