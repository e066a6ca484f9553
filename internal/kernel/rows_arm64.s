#include "textflag.h"
#include "simd_arm64.h"

// PAIRS is dst = a OP b, element by element.
#define PAIRS(OP) \
	MOVD dst+0(FP), R0; \
	MOVD a+8(FP), R1; \
	MOVD b+16(FP), R2; \
	MOVD n+24(FP), R3; \
	CBZ  R3, done; \
loop: \
	VLD1.P 16(R1), [V0.S4]; \
	VLD1.P 16(R2), [V1.S4]; \
	OP(0, 1, 0); \
	VST1.P [V0.S4], 16(R0); \
	SUBS $4, R3; \
	BNE  loop; \
done: \
	RET

// func sumToNEON(dst, a, b *float32, n int)
TEXT ·sumToNEON(SB), NOSPLIT, $0-32
	PAIRS(FADD)

// func timesToNEON(dst, a, b *float32, n int)
TEXT ·timesToNEON(SB), NOSPLIT, $0-32
	PAIRS(FMUL)

// func scaleNEON(dst, x *float32, n int, s float32)
TEXT ·scaleNEON(SB), NOSPLIT, $0-28
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R3
	MOVWU s+24(FP), R2
	VDUP R2, V1.S4
	CBZ  R3, done

loop:
	VLD1.P 16(R1), [V0.S4]
	FMUL(0, 1, 0)
	VST1.P [V0.S4], 16(R0)
	SUBS $4, R3
	BNE  loop

done:
	RET

// func dotNEON(a, b *float32, n int) float32
//
// Σ a·b in four sums of four lanes, so that an addition need not wait for the last.
TEXT ·dotNEON(SB), NOSPLIT, $0-28
	MOVD a+0(FP), R0
	MOVD b+8(FP), R1
	MOVD n+16(FP), R3
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16
	VEOR V18.B16, V18.B16, V18.B16
	VEOR V19.B16, V19.B16, V19.B16

loop16:
	CMP $16, R3
	BLT loop4
	VLD1.P 64(R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R1), [V4.S4, V5.S4, V6.S4, V7.S4]
	FMLA(0, 4, 16)
	FMLA(1, 5, 17)
	FMLA(2, 6, 18)
	FMLA(3, 7, 19)
	SUB $16, R3
	B   loop16

loop4:
	CBZ R3, done
	VLD1.P 16(R0), [V0.S4]
	VLD1.P 16(R1), [V4.S4]
	FMLA(0, 4, 16)
	SUB $4, R3
	B   loop4

done:
	FADD(17, 16, 16)
	FADD(19, 18, 18)
	FADD(18, 16, 16)
	SUM4(16)
	FMOVS F16, ret+24(FP)
	RET
