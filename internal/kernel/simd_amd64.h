// Macros of the element-wise kernels. These work on eight lanes at a time; on the
// processors at hand 512-bit registers would gain them nothing. The last few elements
// go through the same arithmetic behind a mask, so an element's bits do not depend on
// its place.

// FIRST sets y to the mask of the first n lanes, 0 < n < 8. It overwrites n.
#define FIRST(n, tmp, y) \
	LEAQ ·laneMask+32(SB), tmp; \
	SHLQ $2, n; \
	SUBQ n, tmp; \
	VMOVUPS (tmp), y

// SUM adds the lanes of y into every lane of x, its low half.
#define SUM(y, x, tmp) \
	VEXTRACTF128 $1, y, tmp; \
	VADDPS tmp, x, x; \
	VHADDPS x, x, x; \
	VHADDPS x, x, x

// HORNER is acc = acc·s + c.
#define HORNER(c, s, acc) VFMADD213PS c, s, acc

// EXP is y = eʸ for y ≤ 0 or NaN, correct to 2 units in the last place; below -87 it
// is 0. With n = round(y·log₂e) and r = y − n·ln 2 it is 2ⁿ·eʳ, and n is added to the
// exponent of the polynomial's value. Overwrites Y1 to Y3; the table is at R10.
#define LOG2E 0(R10)
#define LN2HI 32(R10)
#define LN2LO 64(R10)
#define LEAST 96(R10)
#define EXP6  128(R10)
#define EXP5  160(R10)
#define EXP4  192(R10)
#define EXP3  224(R10)
#define EXP2  256(R10)
#define EXP1  288(R10)
#define EXP(y) \
	VCMPPS $1, LEAST, y, Y1; \
	VMULPS LOG2E, y, Y2; \
	VROUNDPS $0, Y2, Y2; \
	VFNMADD231PS LN2HI, Y2, y; \
	VFNMADD231PS LN2LO, Y2, y; \
	VMOVUPS EXP6, Y3; \
	HORNER(EXP5, y, Y3); \
	HORNER(EXP4, y, Y3); \
	HORNER(EXP3, y, Y3); \
	HORNER(EXP2, y, Y3); \
	HORNER(EXP1, y, Y3); \
	HORNER(EXP1, y, Y3); \
	VCVTPS2DQ Y2, Y2; \
	VPSLLD $23, Y2, Y2; \
	VPADDD Y2, Y3, Y3; \
	VANDNPS Y3, Y1, y
