//go:build amd64 || arm64

package kernel

import "sync"

// The product goes through memory in blocks (Goto and van de Geijn 2008): a block of
// op(B), at most kcMax rows deep and blockB elements in all, is copied into panels of
// nr columns that stay in the second-level cache while strips of mr rows of op(A)
// pass over it; a strip stays in the first-level cache while the panels pass.
const (
	kcMax  = 768
	blockB = 144 << 10
	slackB = 8 * 32 // packCols8 writes whole blocks of 8 rows
	padA   = 16     // keeps the rows of a copied strip off the same cache sets
	mrMax  = 14

	stripCols = 16 // of a copied strip of columns: mrMax, and what fills a cache line
)

// scratch is the copy of one block of op(B) and one strip of op(A); of products of bfloat16
// of many strips.
type scratch struct {
	b     [blockB + slackB]float32
	a     [stripCols * (kcMax + padA)]float32
	pairs []float32
}

// scratches are those that no product uses. A sync.Pool would give them to the
// garbage collector between two products.
var scratches struct {
	sync.Mutex
	free []*scratch
}

func takeScratch() *scratch {
	s := &scratches
	s.Lock()
	defer s.Unlock()
	if len(s.free) == 0 {
		return new(scratch)
	}
	last := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	return last
}

func giveScratch(work *scratch) {
	scratches.Lock()
	scratches.free = append(scratches.free, work)
	scratches.Unlock()
}

// strip is a few rows of op(A): element (i, p) is at a[i*rs+p*cs].
type strip struct {
	h, k   int
	a      []float32
	rs, cs int
}

// panels is a block of op(B): row p of the panel that starts at column j is the nr
// elements at b[j*step+p*bs].
type panels struct {
	b        []float32
	step, bs int
}

// tiler is a product under way with the tiles of one instruction set.
type tiler struct {
	*product[float32]
	level  simd
	mr, nr int
	work   *scratch
}

// gemmSIMD is Gemm for float32 with the best tiles the processor has.
func gemmSIMD(g *product[float32]) {
	if level == scalar {
		gemmBlocked(g)
		return
	}
	work := takeScratch()
	t := tiler{product: g, level: level, work: work, mr: even(g.m, tileRows[level]), nr: panelWidth()}
	t.run()
	giveScratch(work) // not t.work: g would escape with it
}

// lookahead is what the tiles of a block fetch from memory meanwhile: the block that
// the same core will read next, as far as one can tell, each tile its share.
type lookahead struct {
	b    []float32 // from there on
	pace int       // bytes per step of the k loop; 0: nothing
}

// fetches tells whether it pays to fetch ahead: weights lie packed and few rows pass
// over them.
func (t *tiler) fetches() bool { return t.packed && t.m <= fewRows }

// next is the lookahead of a block.
func (t *tiler) next(p, kb, j, nb int) lookahead {
	if !t.fetches() {
		return lookahead{t.b, 0}
	}
	strips := (t.m + t.mr - 1) / t.mr
	l := lookahead{t.b, (4*t.nr + strips - 1) / strips}
	if j+nb < t.n || p+kb >= t.k {
		return l.from((j+nb+t.others)*t.k + p*t.nr)
	}
	return l.from((p + kb) * t.nr)
}

// from is l, so many elements further on.
func (l lookahead) from(n int) lookahead { return lookahead{l.b[min(n, len(l.b)-1):], l.pace} }

// at is the share of the tile that reads the panel n elements into the block, after
// so many steps of the tiles before it.
func (l lookahead) at(n, steps int) lookahead {
	if l.pace == 0 {
		return l
	}
	return l.from(n + steps*l.pace/4)
}

// tileRows is how many rows a tile has at most.
var tileRows = [...]int{scalar: 0, neon: 6, avx2: 6, avx512: mrMax}

// panelWidth is how many columns a tile has; 0: there are no tiles.
func panelWidth() int { return [...]int{scalar: 0, neon: 16, avx2: 16, avx512: 32}[level] }

func (t *tiler) run() {
	kc := even(t.k, kcMax)
	nc := blockB / kc / t.nr * t.nr
	if t.fetches() {
		nc = 2 * t.nr // the block at hand and the one on its way fit the cache easily
	}
	for p := 0; p < t.k; p += kc {
		kb := min(kc, t.k-p)
		for j := 0; j < t.n; j += nc {
			t.block(p, kb, j, min(nc, t.n-j))
		}
	}
}

// block adds the product of kb columns of op(A) from p on with the block of op(B) that
// starts at (p, j) and is nb columns wide.
func (t *tiler) block(p, kb, j, nb int) {
	b := t.panels(p, kb, j, nb)
	next := t.next(p, kb, j, nb)
	for i := 0; i < t.m; i += t.mr {
		a := t.strip(i, min(t.mr, t.m-i), p, kb, nb)
		for q := 0; q < nb; q += t.nr {
			t.tile(&a, b.b[q*b.step:], b.bs, i, j+q, min(t.nr, nb-q), t.addend(i, j+q, p), next.at(q*t.k, i/t.mr*kb))
		}
	}
}
