// Tiles of up to 14 rows by 32 columns in the registers of AVX-512: row i in Z(4+2i),
// Z(5+2i). The rows of the left factor are reached through four pointers, AX, BX, CX and
// DX at rows 0, 4, 8 and 12, and the strides R8 and R9 = 3·R8. Each height has a loop of
// its own, so that short tiles cost no more than they must.

// ROWSn is row(x, lo, hi, n), a step of one row, of n rows; lo is Zn.
#define ROWS1(row)  row((AX), Z4, Z5, 4)
#define ROWS2(row)  ROWS1(row); row((AX)(R8*1), Z6, Z7, 6)
#define ROWS3(row)  ROWS2(row); row((AX)(R8*2), Z8, Z9, 8)
#define ROWS4(row)  ROWS3(row); row((AX)(R9*1), Z10, Z11, 10)
#define ROWS5(row)  ROWS4(row); row((BX), Z12, Z13, 12)
#define ROWS6(row)  ROWS5(row); row((BX)(R8*1), Z14, Z15, 14)
#define ROWS7(row)  ROWS6(row); row((BX)(R8*2), Z16, Z17, 16)
#define ROWS8(row)  ROWS7(row); row((BX)(R9*1), Z18, Z19, 18)
#define ROWS9(row)  ROWS8(row); row((CX), Z20, Z21, 20)
#define ROWS10(row) ROWS9(row); row((CX)(R8*1), Z22, Z23, 22)
#define ROWS11(row) ROWS10(row); row((CX)(R8*2), Z24, Z25, 24)
#define ROWS12(row) ROWS11(row); row((CX)(R9*1), Z26, Z27, 26)
#define ROWS13(row) ROWS12(row); row((DX), Z28, Z29, 28)
#define ROWS14(row) ROWS13(row); row((DX)(R8*1), Z30, Z31, 30)

#define ZERO(lo, hi) VPXORD lo, lo, lo; VPXORD hi, hi, hi

// CLEAR zeroes the tile.
#define CLEAR \
	ZERO(Z4, Z5); \
	ZERO(Z6, Z7); \
	ZERO(Z8, Z9); \
	ZERO(Z10, Z11); \
	ZERO(Z12, Z13); \
	ZERO(Z14, Z15); \
	ZERO(Z16, Z17); \
	ZERO(Z18, Z19); \
	ZERO(Z20, Z21); \
	ZERO(Z22, Z23); \
	ZERO(Z24, Z25); \
	ZERO(Z26, Z27); \
	ZERO(Z28, Z29); \
	ZERO(Z30, Z31)

// HEIGHTS runs LOOP(label, rows), the k loop of a file, of as many rows as R15 says.
#define HEIGHTS(row) \
	CMPQ R15, $14; \
	JEQ  h14; \
	CMPQ R15, $7; \
	JEQ  h7; \
	JGT  tall; \
	CMPQ R15, $2; \
	JLT  h1; \
	JEQ  h2; \
	CMPQ R15, $4; \
	JLT  h3; \
	JEQ  h4; \
	CMPQ R15, $6; \
	JLT  h5; \
	JMP  h6; \
tall: \
	CMPQ R15, $9; \
	JLT  h8; \
	JEQ  h9; \
	CMPQ R15, $11; \
	JLT  h10; \
	JEQ  h11; \
	CMPQ R15, $13; \
	JLT  h12; \
	JMP  h13; \
	LOOP(h14, ROWS14(row)); \
	LOOP(h13, ROWS13(row)); \
	LOOP(h12, ROWS12(row)); \
	LOOP(h11, ROWS11(row)); \
	LOOP(h10, ROWS10(row)); \
	LOOP(h9, ROWS9(row)); \
	LOOP(h8, ROWS8(row)); \
	LOOP(h7, ROWS7(row)); \
	LOOP(h6, ROWS6(row)); \
	LOOP(h5, ROWS5(row)); \
	LOOP(h4, ROWS4(row)); \
	LOOP(h3, ROWS3(row)); \
	LOOP(h2, ROWS2(row)); \
	LOOP(h1, ROWS1(row))

// SUMS computes a tile, from a pointer to row 0 in AX and the stride in R8.
#define SUMS(row) \
	LEAQ (R8)(R8*2), R9; \
	LEAQ (AX)(R8*4), BX; \
	LEAQ (BX)(R8*4), CX; \
	LEAQ (CX)(R8*4), DX; \
	CLEAR; \
	HEIGHTS(row)

// MASKS makes masks of 16 lanes of the halves of 32 bits, by way of R14.
#define MASKS(bits, lo, hi) \
	MOVL bits, R14; \
	KMOVW R14, lo; \
	SHRL $16, R14; \
	KMOVW R14, hi

// STORES runs store(lo, hi) of every row.
#define STORES(store) \
	store(Z4, Z5); \
	store(Z6, Z7); \
	store(Z8, Z9); \
	store(Z10, Z11); \
	store(Z12, Z13); \
	store(Z14, Z15); \
	store(Z16, Z17); \
	store(Z18, Z19); \
	store(Z20, Z21); \
	store(Z22, Z23); \
	store(Z24, Z25); \
	store(Z26, Z27); \
	store(Z28, Z29); \
	store(Z30, Z31)
