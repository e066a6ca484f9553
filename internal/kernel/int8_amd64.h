// How sums become elements of y in the tiles of AVX2, AVX-512 and AMX.

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

// OUTPUT turns the sums lo, hi of one row, two registers of n bytes, into y and goes on to
// the next row. The sums of the columns are in a and b; c and d are overwritten.
#define OUTPUT(a, b, c, d, n, lo, hi) \
	SCALED(a, b, c, d, n, lo, hi); \
	PUT(n, lo, hi)

#define SCALED(a, b, c, d, n, lo, hi) \
	VPBROADCASTD (R11), c; \
	VPMULLD a, c, d; \
	VPSUBD d, lo, lo; \
	VPMULLD b, c, d; \
	VPSUBD d, hi, hi; \
	VBROADCASTSS (R12), c; \
	VCVTDQ2PS lo, lo; \
	VCVTDQ2PS hi, hi; \
	VMULPS c, lo, lo; \
	VMULPS c, hi, hi; \
	VMULPS (R9), lo, lo; \
	VMULPS n(R9), hi, hi; \
	VADDPS (R10), lo, lo; \
	VADDPS n(R10), hi, hi; \
	ADDQ $4, R11; \
	ADDQ $4, R12

#define PUT(n, lo, hi) \
	VMOVUPS lo, (SI); \
	VMOVUPS hi, n(SI); \
	ADDQ R13, SI
