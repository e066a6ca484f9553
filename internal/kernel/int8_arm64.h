// Instructions of AdvSIMD that the assembler does not know (Arm ARM, C7.2), in its order of
// operands: the result is last. Operands are numbers of registers.

#define SDOT(i, x, w, d) WORD $(0x4F80E000 | ((i)&1)<<21 | ((i)&2)<<10 | (x)<<16 | (w)<<5 | (d)) // by element
#define SMMLA(w, x, d)   WORD $(0x4E80A400 | (w)<<16 | (x)<<5 | (d))
#define SMULL(x, w, d)   WORD $(0x0E20C000 | (x)<<16 | (w)<<5 | (d)) // low halves, 8 to 16 bits
#define SMULL2(x, w, d)  WORD $(0x4E20C000 | (x)<<16 | (w)<<5 | (d)) // high halves
#define SMLAL(x, w, d)   WORD $(0x0E208000 | (x)<<16 | (w)<<5 | (d))
#define SMLAL2(x, w, d)  WORD $(0x4E208000 | (x)<<16 | (w)<<5 | (d))
#define SADALP(x, d)     WORD $(0x4E606800 | (x)<<5 | (d)) // d += sums of pairs, 16 to 32 bits
#define MLS(x, y, d)     WORD $(0x6EA09400 | (x)<<16 | (y)<<5 | (d))
#define SCVTF(x, d)      WORD $(0x4E21D800 | (x)<<5 | (d))
#define FMINV(x, d)      WORD $(0x6EB0F800 | (x)<<5 | (d))
#define FMAXV(x, d)      WORD $(0x6E30F800 | (x)<<5 | (d))
#define SQXTN4(x, d)     WORD $(0x0E614800 | (x)<<5 | (d)) // 32 to 16 bits, into the low half
#define SQXTN8(x, d)     WORD $(0x4E614800 | (x)<<5 | (d)) // into the high half
#define SQXTB8(x, d)     WORD $(0x0E214800 | (x)<<5 | (d)) // 16 to 8 bits
#define SQXTB16(x, d)    WORD $(0x4E214800 | (x)<<5 | (d))
