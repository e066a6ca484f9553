#include "textflag.h"
#include "simd_arm64.h"

#define FACTOR(v) VLD1R (R5), [v.S4]; ADD $4, R5

// func adamWNEON(w, m, v, grad *float32, n int, c *float32)
//
// It multiplies and adds apart, as the twin in Go does, and so gives the same bits.
TEXT ·adamWNEON(SB), NOSPLIT, $0-48
	MOVD w+0(FP), R0
	MOVD m+8(FP), R1
	MOVD v+16(FP), R2
	MOVD grad+24(FP), R4
	MOVD n+32(FP), R3
	MOVD c+40(FP), R5
	FACTOR(V16) // 1 − lr·decay
	FACTOR(V17) // β1
	FACTOR(V18) // β2
	FACTOR(V19) // 1 − β1
	FACTOR(V20) // 1 − β2
	FACTOR(V21) // lr/corr1
	FACTOR(V22) // √corr2
	FACTOR(V23) // eps
	CBZ R3, done

loop:
	VLD1 (R0), [V0.S4]
	VLD1 (R1), [V1.S4]
	VLD1 (R2), [V2.S4]
	VLD1.P 16(R4), [V3.S4]
	FMUL(17, 1, 1)
	FMUL(19, 3, 4)
	FADD(4, 1, 1)
	FMUL(18, 2, 2)
	FMUL(20, 3, 4)
	FMUL(3, 4, 4)
	FADD(4, 2, 2)
	FSQRT(2, 4)
	FDIV(4, 22, 4)
	FADD(23, 4, 4)
	FMUL(21, 1, 5)
	FDIV(5, 4, 5)
	FMUL(16, 0, 0)
	FSUB(0, 5, 0)
	VST1.P [V0.S4], 16(R0)
	VST1.P [V1.S4], 16(R1)
	VST1.P [V2.S4], 16(R2)
	SUBS $4, R3
	BNE  loop

done:
	RET
