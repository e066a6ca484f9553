#include "textflag.h"
#include "simd_arm64.h"

// func sumNEON(x *float32, n int) float64
TEXT ·sumNEON(SB), NOSPLIT, $0-24
	MOVD x+0(FP), R0
	MOVD n+8(FP), R3
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16
	CBZ  R3, done

loop:
	VLD1.P 16(R0), [V0.S4]
	FCVTL(0, 1)
	FCVTL2(0, 2)
	FADD64(1, 16, 16)
	FADD64(2, 17, 17)
	SUBS $4, R3
	BNE  loop

done:
	FADD64(17, 16, 16)
	FADDP64(16, 16)
	FMOVD F16, ret+16(FP)
	RET

// func squaresNEON(x *float32, n int, mean float32) float64
//
// Σ (x − mean)².
TEXT ·squaresNEON(SB), NOSPLIT, $0-32
	MOVD  x+0(FP), R0
	MOVD  n+8(FP), R3
	MOVWU mean+16(FP), R1
	VDUP  R1, V3.S4
	VEOR  V16.B16, V16.B16, V16.B16
	VEOR  V17.B16, V17.B16, V17.B16
	CBZ   R3, done

loop:
	VLD1.P 16(R0), [V0.S4]
	FSUB(0, 3, 0)
	FCVTL(0, 1)
	FCVTL2(0, 2)
	FMLA64(1, 1, 16)
	FMLA64(2, 2, 17)
	SUBS $4, R3
	BNE  loop

done:
	FADD64(17, 16, 16)
	FADDP64(16, 16)
	FMOVD F16, ret+24(FP)
	RET

// func normNEON(dst, x, gamma, beta *float32, n int, mean, rstd float32)
//
// One row: (x − mean)·rstd·gamma + beta.
TEXT ·normNEON(SB), NOSPLIT, $0-48
	MOVD  dst+0(FP), R0
	MOVD  x+8(FP), R1
	MOVD  gamma+16(FP), R2
	MOVD  beta+24(FP), R4
	MOVD  n+32(FP), R3
	MOVWU mean+40(FP), R5
	MOVWU rstd+44(FP), R6
	VDUP  R5, V16.S4
	VDUP  R6, V17.S4
	CBZ   R3, done

loop:
	VLD1.P 16(R1), [V0.S4]
	VLD1.P 16(R2), [V1.S4]
	VLD1.P 16(R4), [V2.S4]
	FSUB(0, 16, 0)
	FMUL(17, 0, 0)
	FMLA(1, 0, 2)
	VST1.P [V2.S4], 16(R0)
	SUBS $4, R3
	BNE  loop

done:
	RET

// func normSumsNEON(dgamma, dbeta, dy, x, gamma *float32, n int, mean, rstd float32) (sum, dot float32)
//
// One row: dgamma += dy·x̂, dbeta += dy, and the sums of g = dy·gamma and of g·x̂, where
// x̂ = (x − mean)·rstd.
TEXT ·normSumsNEON(SB), NOSPLIT, $0-64
	MOVD  dgamma+0(FP), R0
	MOVD  dbeta+8(FP), R1
	MOVD  dy+16(FP), R2
	MOVD  x+24(FP), R4
	MOVD  gamma+32(FP), R5
	MOVD  n+40(FP), R3
	MOVWU mean+48(FP), R6
	MOVWU rstd+52(FP), R7
	VDUP  R6, V16.S4
	VDUP  R7, V17.S4
	VEOR  V18.B16, V18.B16, V18.B16
	VEOR  V19.B16, V19.B16, V19.B16
	CBZ   R3, done

loop:
	VLD1.P 16(R4), [V0.S4]
	VLD1.P 16(R2), [V1.S4]
	VLD1.P 16(R5), [V2.S4]
	VLD1 (R0), [V3.S4]
	VLD1 (R1), [V4.S4]
	FSUB(0, 16, 0)
	FMUL(17, 0, 0)
	FMUL(1, 2, 2)
	FADD(2, 18, 18)
	FMLA(0, 2, 19)
	FMLA(0, 1, 3)
	FADD(1, 4, 4)
	VST1.P [V3.S4], 16(R0)
	VST1.P [V4.S4], 16(R1)
	SUBS $4, R3
	BNE  loop

done:
	SUM4(18)
	SUM4(19)
	FMOVS F18, sum+56(FP)
	FMOVS F19, dot+60(FP)
	RET

// func normGradNEON(dx, dy, x, gamma *float32, n int, mean, rstd, sum, dot float32)
//
// One row: rstd·(dy·gamma − sum − x̂·dot).
TEXT ·normGradNEON(SB), NOSPLIT, $0-56
	MOVD  dx+0(FP), R0
	MOVD  dy+8(FP), R1
	MOVD  x+16(FP), R2
	MOVD  gamma+24(FP), R4
	MOVD  n+32(FP), R3
	MOVWU mean+40(FP), R5
	MOVWU rstd+44(FP), R6
	MOVWU sum+48(FP), R7
	MOVWU dot+52(FP), R8
	VDUP  R5, V16.S4
	VDUP  R6, V17.S4
	VDUP  R7, V18.S4
	VDUP  R8, V19.S4
	CBZ   R3, done

loop:
	VLD1.P 16(R2), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	VLD1.P 16(R4), [V2.S4]
	FSUB(0, 16, 0)
	FMUL(17, 0, 0)
	FMUL(1, 2, 1)
	FSUB(1, 18, 1)
	FMLS(19, 0, 1)
	FMUL(17, 1, 1)
	VST1.P [V1.S4], 16(R0)
	SUBS $4, R3
	BNE  loop

done:
	RET
