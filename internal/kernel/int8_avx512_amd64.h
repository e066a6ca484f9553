// How sums become elements of y, 32 columns at a time, for the tiles of AVX-512 and AMX.

// OUTPUTS points R8, R9, R10 at sums, scales and bias of the columns, R11 and R12 at zero
// points and scales of the rows, SI at y, whose rows are R13 bytes apart; the tile is at
// R14.
#define OUTPUTS \
	MOVQ int8Tile_sums(R14), R8; \
	MOVQ int8Tile_factors(R14), R9; \
	MOVQ int8Tile_bias(R14), R10; \
	MOVQ int8Tile_zeros(R14), R11; \
	MOVQ int8Tile_scales(R14), R12; \
	MOVQ int8Tile_y(R14), SI; \
	MOVQ int8Tile_ldy(R14), R13

// COLUMNS loads the sums of 32 columns into Z0 and Z1.
#define COLUMNS \
	VMOVDQU32 (R8), Z0; \
	VMOVDQU32 64(R8), Z1

// OUTPUT turns the sums lo, hi of one row into y and goes on to the next row.
#define OUTPUT(lo, hi) \
	VPBROADCASTD (R11), Z2; \
	VPMULLD Z0, Z2, Z3; \
	VPSUBD Z3, lo, lo; \
	VPMULLD Z1, Z2, Z3; \
	VPSUBD Z3, hi, hi; \
	VBROADCASTSS (R12), Z2; \
	VCVTDQ2PS lo, lo; \
	VCVTDQ2PS hi, hi; \
	VMULPS Z2, lo, lo; \
	VMULPS Z2, hi, hi; \
	VMULPS (R9), lo, lo; \
	VMULPS 64(R9), hi, hi; \
	VADDPS (R10), lo, lo; \
	VADDPS 64(R10), hi, hi; \
	VMOVUPS lo, (SI); \
	VMOVUPS hi, 64(SI); \
	ADDQ $4, R11; \
	ADDQ $4, R12; \
	ADDQ R13, SI
