#include "textflag.h"
#include "go_asm.h"
#include "int8_amd64.h"

// The instructions of AMX, which the assembler does not know (Intel SDM):
//
//	LDTILECFG (R9)                 VEX.128.NP.0F38.W0 49 /0
//	TILERELEASE                    VEX.128.NP.0F38.W0 49 C0
//	TILEZERO t                     VEX.128.F2.0F38.W0 49
//	TILELOADD, TILELOADDT1         VEX.128.F2, 66.0F38.W0 4B
//	TILESTORED                     VEX.128.F3.0F38.W0 4B
//	TDPBUSD sums, bytes, weights   VEX.128.66.0F38.W0 5E
//
// Memory is base + row·stride, here always (AX)(R8), (BX)(R8), (SI)(DX), 64(SI)(DX) or
// n(R10)(DX): activations lie R8 bytes apart, weights and sums DX = 128.
#define LDTILECFG BYTE $0xC4; BYTE $0xC2; BYTE $0x78; BYTE $0x49; BYTE $0x01
#define TILERELEASE BYTE $0xC4; BYTE $0xE2; BYTE $0x78; BYTE $0x49; BYTE $0xC0
#define TILEZERO(t) BYTE $0xC4; BYTE $0xE2; BYTE $0x7B; BYTE $0x49; BYTE $(0xC0 | (t)<<3)
#define TDPBUSD(sums, bytes, weights) \
	BYTE $0xC4; BYTE $0xE2; BYTE $(0x01 | (15 - (weights))<<3); BYTE $0x5E; BYTE $(0xC0 | (sums)<<3 | (bytes))

#define LOADROWS(base, t) BYTE $0xC4; BYTE $0xA2; BYTE $0x7B; BYTE $0x4B; BYTE $(0x04 | (t)<<3); BYTE $(base)
#define INAX 0x00
#define INBX 0x03
#define LOADWEIGHTS(offset, t) BYTE $0xC4; BYTE $0xE2; BYTE $0x79; BYTE $0x4B; BYTE $(0x44 | (t)<<3); BYTE $0x16; BYTE $(offset)
#define TILESTORED(t, offset) BYTE $0xC4; BYTE $0xC2; BYTE $0x7A; BYTE $0x4B; BYTE $(0x84 | (t)<<3); BYTE $0x12; LONG $(offset)

// func int8TileAMX(t *int8Tile)
//
// Up to 32 rows by panels·32 columns; a step takes 64 neighbours:
//
//	T0, T1   sums of rows 0 … 15, columns 0 … 15 and 16 … 31
//	T2, T3   of rows 16 … 31
//	T4, T5   64 activations of 16 rows
//	T6, T7   64 weights of 16 columns, in groups of four
//
// All of it is one function without a stack frame, in which Go never preempts: tiles and
// their configuration are no part of what the runtime saves.
TEXT ·int8TileAMX(SB), NOSPLIT, $0-8
	MOVQ t+0(FP), R14
	MOVQ int8Tile_work(R14), R9
	LEAQ int8Work_config(R9), R9
	LDTILECFG
	MOVQ int8Tile_panels(R14), CX
	MOVQ int8Tile_w(R14), SI
	XORQ R15, R15 // bytes of a row of y that are done

panel:
	MOVQ int8Tile_x(R14), AX
	MOVQ int8Tile_ldx(R14), R8
	MOVQ R8, BX
	SHLQ $4, BX
	ADDQ AX, BX // row 16
	MOVQ int8Tile_steps(R14), DI
	MOVQ int8Tile_work(R14), R10
	LEAQ int8Work_sums(R10), R10
	MOVQ $128, DX
	TILEZERO(0)
	TILEZERO(1)
	CMPQ int8Tile_rows(R14), $16
	JLE  low
	TILEZERO(2)
	TILEZERO(3)

high:
	LOADROWS(INAX, 4)
	LOADWEIGHTS(0, 6)
	LOADWEIGHTS(64, 7)
	LOADROWS(INBX, 5)
	TDPBUSD(0, 4, 6)
	TDPBUSD(1, 4, 7)
	TDPBUSD(2, 5, 6)
	TDPBUSD(3, 5, 7)
	ADDQ $64, AX
	ADDQ $64, BX
	ADDQ $2048, SI
	DECQ DI
	JNZ  high
	TILESTORED(2, 2048)
	TILESTORED(3, 2112)
	JMP  store

low:
	LOADROWS(INAX, 4)
	LOADWEIGHTS(0, 6)
	LOADWEIGHTS(64, 7)
	TDPBUSD(0, 4, 6)
	TDPBUSD(1, 4, 7)
	ADDQ $64, AX
	ADDQ $2048, SI
	DECQ DI
	JNZ  low

store:
	TILESTORED(0, 0)
	TILESTORED(1, 64)
	MOVQ R10, AX
	MOVQ SI, BX // the next panel
	MOVQ int8Tile_rows(R14), DI
	OUTPUTS
	ADDQ R15, R8
	ADDQ R15, R9
	ADDQ R15, R10
	ADDQ R15, SI
	VMOVDQU32 (R8), Z0
	VMOVDQU32 64(R8), Z1

row:
	VMOVDQU32 (AX), Z4
	VMOVDQU32 64(AX), Z5
	OUTPUT(Z0, Z1, Z2, Z3, 64, Z4, Z5)
	ADDQ $128, AX
	DECQ DI
	JNZ  row

	MOVQ BX, SI
	ADDQ $128, R15
	DECQ CX
	JNZ  panel
	TILERELEASE
	VZEROUPPER
	RET

// func xcr0() uint32
//
// The states that the system saves: XGETBV of register 0.
TEXT ·xcr0(SB), NOSPLIT, $0-4
	XORL CX, CX
	XGETBV
	MOVL AX, ret+0(FP)
	RET
