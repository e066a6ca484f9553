#include "textflag.h"
#include "simd_arm64.h"

// func topNEON(x *float32, n int, scale float32) float32
//
// The largest of scale·x, n > 0; NaN if one of them is.
TEXT ·topNEON(SB), NOSPLIT, $0-28
	MOVD  x+0(FP), R0
	MOVD  n+8(FP), R3
	MOVWU scale+16(FP), R2
	VDUP  R2, V1.S4
	VLD1  (R0), [V2.S4]
	FMUL(1, 2, 2)

loop:
	VLD1.P 16(R0), [V0.S4]
	FMUL(1, 0, 0)
	FMAX(0, 2, 2)
	SUBS $4, R3
	BNE  loop
	WORD $(0x6E30F800 | 2<<5 | 2) // FMAXV
	FMOVS F2, ret+24(FP)
	RET

// func expNEON(x *float32, n int, scale, top float32, e *lanes) float32
//
// x = e^(scale·x − top), and the sum of that.
TEXT ·expNEON(SB), NOSPLIT, $0-36
	MOVD  x+0(FP), R0
	MOVD  n+8(FP), R3
	MOVWU scale+16(FP), R1
	MOVWU top+20(FP), R2
	MOVD  e+24(FP), R4
	VDUP  R1, V16.S4
	VDUP  R2, V17.S4
	EXPTABLE
	VEOR  V18.B16, V18.B16, V18.B16
	FSUB(18, 17, 17)              // −top
	CBZ   R3, done

loop:
	VLD1 (R0), [V1.S4]
	MOV(17, 0)
	FMLA(16, 1, 0)
	EXP
	FADD(0, 18, 18)
	VST1.P [V0.S4], 16(R0)
	SUBS $4, R3
	BNE  loop

done:
	SUM4(18)
	FMOVS F18, ret+32(FP)
	RET

// func slopeNEON(dx, p, dp *float32, n int, scale, dot float32)
//
// dx = scale·p·(dp − dot).
TEXT ·slopeNEON(SB), NOSPLIT, $0-40
	MOVD  dx+0(FP), R0
	MOVD  p+8(FP), R1
	MOVD  dp+16(FP), R2
	MOVD  n+24(FP), R3
	MOVWU scale+32(FP), R4
	MOVWU dot+36(FP), R5
	VDUP  R4, V16.S4
	VDUP  R5, V17.S4
	CBZ   R3, done

loop:
	VLD1.P 16(R1), [V0.S4]
	VLD1.P 16(R2), [V1.S4]
	FSUB(1, 17, 1)
	FMUL(16, 0, 0)
	FMUL(0, 1, 1)
	VST1.P [V1.S4], 16(R0)
	SUBS $4, R3
	BNE  loop

done:
	RET
