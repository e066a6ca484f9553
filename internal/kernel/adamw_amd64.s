#include "textflag.h"
#include "simd_amd64.h"

// UPDATE is the step of eight elements: w, m, v, g in Y0 to Y3. It multiplies and adds
// apart, as the twin in Go does, and so gives the same bits.
#define UPDATE \
	VMULPS Y8, Y1, Y1; \
	VMULPS Y10, Y3, Y4; \
	VADDPS Y4, Y1, Y1; \
	VMULPS Y9, Y2, Y2; \
	VMULPS Y11, Y3, Y4; \
	VMULPS Y3, Y4, Y4; \
	VADDPS Y4, Y2, Y2; \
	VSQRTPS Y2, Y4; \
	VDIVPS Y13, Y4, Y4; \
	VADDPS Y14, Y4, Y4; \
	VMULPS Y12, Y1, Y5; \
	VDIVPS Y4, Y5, Y5; \
	VMULPS Y7, Y0, Y0; \
	VSUBPS Y5, Y0, Y0

// func adamWSIMD(w, m, v, grad *float32, n int, c *float32)
TEXT ·adamWSIMD(SB), NOSPLIT, $0-48
	MOVQ w+0(FP), DI
	MOVQ m+8(FP), R8
	MOVQ v+16(FP), R9
	MOVQ grad+24(FP), SI
	MOVQ n+32(FP), CX
	MOVQ c+40(FP), AX
	VBROADCASTSS 0(AX), Y7   // 1 − lr·decay
	VBROADCASTSS 4(AX), Y8   // β1
	VBROADCASTSS 8(AX), Y9   // β2
	VBROADCASTSS 12(AX), Y10 // 1 − β1
	VBROADCASTSS 16(AX), Y11 // 1 − β2
	VBROADCASTSS 20(AX), Y12 // lr/corr1
	VBROADCASTSS 24(AX), Y13 // √corr2
	VBROADCASTSS 28(AX), Y14 // eps
	XORQ AX, AX

loop:
	CMPQ CX, $8
	JLT  tail
	VMOVUPS (DI)(AX*4), Y0
	VMOVUPS (R8)(AX*4), Y1
	VMOVUPS (R9)(AX*4), Y2
	VMOVUPS (SI)(AX*4), Y3
	UPDATE
	VMOVUPS Y0, (DI)(AX*4)
	VMOVUPS Y1, (R8)(AX*4)
	VMOVUPS Y2, (R9)(AX*4)
	ADDQ $8, AX
	SUBQ $8, CX
	JMP  loop

tail:
	TESTQ CX, CX
	JZ    done
	FIRST(CX, R10, Y15)
	VMASKMOVPS (DI)(AX*4), Y15, Y0
	VMASKMOVPS (R8)(AX*4), Y15, Y1
	VMASKMOVPS (R9)(AX*4), Y15, Y2
	VMASKMOVPS (SI)(AX*4), Y15, Y3
	UPDATE
	VMASKMOVPS Y0, Y15, (DI)(AX*4)
	VMASKMOVPS Y1, Y15, (R8)(AX*4)
	VMASKMOVPS Y2, Y15, (R9)(AX*4)

done:
	VZEROUPPER
	RET
