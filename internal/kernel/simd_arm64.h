// Instructions of AdvSIMD on four float32 that the assembler does not know (Arm ARM,
// C7.2), in its order of operands: the result is last. Operands are numbers of registers.
#define FADD(x, y, d)   WORD $(0x4E20D400 | (x)<<16 | (y)<<5 | (d))
#define FSUB(x, y, d)   WORD $(0x4EA0D400 | (y)<<16 | (x)<<5 | (d)) // d = x − y
#define FMUL(x, y, d)   WORD $(0x6E20DC00 | (x)<<16 | (y)<<5 | (d))
#define FDIV(x, y, d)   WORD $(0x6E20FC00 | (y)<<16 | (x)<<5 | (d)) // d = x/y
#define FSQRT(x, d)     WORD $(0x6EA1F800 | (x)<<5 | (d))
#define FMLA(x, y, d)   WORD $(0x4E20CC00 | (x)<<16 | (y)<<5 | (d)) // d += x·y, rounded once
#define FMLS(x, y, d)   WORD $(0x4EA0CC00 | (x)<<16 | (y)<<5 | (d)) // d −= x·y
#define FMIN(x, y, d)   WORD $(0x4EA0F400 | (x)<<16 | (y)<<5 | (d)) // NaN if either is
#define FMAX(x, y, d)   WORD $(0x4E20F400 | (x)<<16 | (y)<<5 | (d))
#define FADDP(x, y, d)  WORD $(0x6E20D400 | (y)<<16 | (x)<<5 | (d)) // sums of pairs of x, then of y
#define FCMGT(x, y, d)  WORD $(0x6EA0E400 | (y)<<16 | (x)<<5 | (d)) // all ones where x > y
#define FRINTN(x, d)    WORD $(0x4E218800 | (x)<<5 | (d)) // to the nearest, ties to even
#define FCVTNS(x, d)    WORD $(0x4E21A800 | (x)<<5 | (d)) // the same, to integers
#define ADD4(x, y, d)   WORD $(0x4EA08400 | (x)<<16 | (y)<<5 | (d)) // of integers
#define SHL23(x, d)     WORD $(0x4F375400 | (x)<<5 | (d))
#define BIC(x, y, d)    WORD $(0x4E601C00 | (y)<<16 | (x)<<5 | (d)) // d = x and not y
#define MOV(x, d)       WORD $(0x4EA01C00 | (x)<<16 | (x)<<5 | (d))

// Of two float64.
#define FCVTL(x, d)     WORD $(0x0E617800 | (x)<<5 | (d)) // of the low two float32
#define FCVTL2(x, d)    WORD $(0x4E617800 | (x)<<5 | (d)) // of the high two
#define FADD64(x, y, d) WORD $(0x4E60D400 | (x)<<16 | (y)<<5 | (d))
#define FMLA64(x, y, d) WORD $(0x4E60CC00 | (x)<<16 | (y)<<5 | (d))
#define FADDP64(x, d)   WORD $(0x7E70D800 | (x)<<5 | (d))

// CONSTANT loads the next constant of the table at R4 into v, every lane of it.
#define CONSTANT(v) VLD1R (R4), [v.S4]; ADD $32, R4

// Macros of the element-wise kernels, which take four elements at a time and are called
// with a multiple of four: the last few of a slice come in a copy (vector_arm64.go), so
// an element's bits do not depend on its place.

// SUM4 adds the lanes of v in its lowest.
#define SUM4(v) FADDP(v, v, v); FADDP(v, v, v)

// HORNER is next = acc·s + c.
#define HORNER(c, s, acc, next) MOV(c, next); FMLA(acc, s, next)

// EXPTABLE loads the table of EXP at R4 into V6 … V14 and V29, whose lanes are 1.
#define EXPTABLE \
	CONSTANT(V6); \
	CONSTANT(V7); \
	CONSTANT(V8); \
	CONSTANT(V9); \
	CONSTANT(V10); \
	CONSTANT(V11); \
	CONSTANT(V12); \
	CONSTANT(V13); \
	CONSTANT(V14); \
	CONSTANT(V29)

// EXP is V0 = e^V0 for V0 ≤ 0 or NaN, correct to 2 units in the last place; below -87 it
// is 0. With n = round(y·log₂e) and r = y − n·ln 2 it is 2ⁿ·eʳ, and n is added to the
// exponent of the polynomial's value. Overwrites V2, V3, V5 and V15.
#define EXP \
	FCMGT(9, 0, 5); \
	FMUL(6, 0, 2); \
	FRINTN(2, 2); \
	FMLS(7, 2, 0); \
	FMLS(8, 2, 0); \
	HORNER(11, 0, 10, 3); \
	HORNER(12, 0, 3, 15); \
	HORNER(13, 0, 15, 3); \
	HORNER(14, 0, 3, 15); \
	HORNER(29, 0, 15, 3); \
	HORNER(29, 0, 3, 15); \
	FCVTNS(2, 2); \
	SHL23(2, 2); \
	ADD4(2, 15, 15); \
	BIC(15, 5, 0)
