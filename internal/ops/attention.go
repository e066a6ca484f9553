package ops

import (
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Attention is multi-head self-attention within each sequence, and the scoring
// of its word-vectors:
//
//	P_h = softmax(Q_h·K_hᵀ / √d + mask)    per head h
//	y   = concat_h(drop(P_h)·V_h)
//
// Only the rows that sel lets go on are computed in y (early gather: the product
// with V, and all that follows, needs no other query). Scores use P before
// dropout; no gradient flows through them.
//
// Shapes: with one input, x is Q, K and V side by side, (n, 3H). With two, x is
// Q of the [CLS] rows alone, (B, H), and kv is K and V side by side, (n, 2H);
// sel must then be PickCLS. y is (rows that go on, H).
func Attention[T kernel.Float](sel *Selection[T], heads int, drop Dropout, x ...*G.Node) (*G.Node, error) {
	hidden := x[0].Shape()[1]
	if len(x) == 1 {
		hidden /= 3
	}
	a := &attention[T]{sel: sel, heads: heads, hidden: hidden, drop: drop}
	wrt := []bool{true, true}[:len(x)]
	return apply("attention", a, tensor.Shape{x[0].Shape()[0], hidden}, wrt, x...)
}

type attention[T kernel.Float] struct {
	sel           *Selection[T]
	heads, hidden int
	drop          Dropout
	probs         buffer[T] // P of all queries, sequence by sequence, head by head
	at            []int     // where each sequence's P begins
	kept          buffer[T] // P of the queries that go on, where rows are removed
	keptAt        []int
	scratch       buffer[T]
	y             buffer[T]
}

// view is Q, K or V inside the matrix that holds it.
type view[T kernel.Float] struct {
	data []T
	ld   int
}

// head is the columns of one head, from a row on.
func (v view[T]) head(row, h, d int) []T { return v.data[row*v.ld+h*d:] }

// split finds Q, K and V in the inputs, or their gradients in the gradients.
func (a *attention[T]) split(x []Mat[T]) (q, k, v view[T]) {
	h := a.hidden
	if len(x) == 1 {
		ld := x[0].Cols
		return view[T]{x[0].Data, ld}, view[T]{x[0].Data[h:], ld}, view[T]{x[0].Data[2*h:], ld}
	}
	return view[T]{x[0].Data, h}, view[T]{x[1].Data, 2 * h}, view[T]{x[1].Data[h:], 2 * h}
}

// lonely tells whether Q has the [CLS] rows only.
func lonely[T kernel.Float](x []Mat[T]) bool { return len(x) == 2 }

func (a *attention[T]) compute(in []Mat[T]) Mat[T] {
	q, k, v := a.split(in)
	a.attend(q, k, lonely(in))
	out := a.sel.Out()
	y := a.y.mat(out.Rows(), a.hidden)
	d := a.hidden / a.heads
	for s := range out.Sequences() {
		from, to, _ := a.sel.In.Bounds(s)
		first, last, _ := out.Bounds(s)
		n, l := to-from, last-first
		p := a.dropped(a.going(s, n, l), s)
		for h := range a.heads {
			kernel.Gemm(false, false, l, d, n, p[h*l*n:], n, v.head(from, h, d), v.ld, y.Data[first*a.hidden+h*d:], a.hidden, false)
		}
	}
	return y
}

// attend computes every P, scores the word-vectors and lets sel choose.
func (a *attention[T]) attend(q, k view[T], clsOnly bool) {
	in, d := a.sel.In, a.hidden/a.heads
	scale := T(1 / math.Sqrt(float64(d)))
	a.sel.reset()
	a.place(clsOnly)
	for s := range in.Sequences() {
		from, to, real := in.Bounds(s)
		n, row, queries := to-from, from, to-from
		if clsOnly {
			row, queries = s, 1
		}
		p := a.probs[a.at[s]:a.at[s+1]]
		for h := range a.heads {
			ph := p[h*queries*n : (h+1)*queries*n]
			kernel.Gemm(false, true, queries, n, d, q.head(row, h, d), q.ld, k.head(from, h, d), k.ld, ph, n, false)
			kernel.Softmax(ph, queries, n, n, scale, real)
			if a.sel.Scores() {
				a.sel.vote(s, ph)
			}
		}
		if a.sel.Pick != PickAll {
			a.sel.choose(s)
		}
		if a.sel.Removes() && !clsOnly {
			a.gather(s, p, n)
		}
	}
}

// place lays out the P of all sequences.
func (a *attention[T]) place(clsOnly bool) {
	in := a.sel.In
	a.at, a.keptAt = append(a.at[:0], 0), append(a.keptAt[:0], 0)
	for s := range in.Sequences() {
		from, to, _ := in.Bounds(s)
		n := to - from
		queries := n
		if clsOnly {
			queries = 1
		}
		a.at = append(a.at, a.at[s]+a.heads*queries*n)
	}
	a.probs.mat(1, a.at[in.Sequences()])
	a.probs = a.probs[:cap(a.probs)]
	if a.sel.Removes() {
		a.kept.mat(1, a.at[in.Sequences()])
		a.kept = a.kept[:cap(a.kept)]
	}
}

// gather copies the rows of P whose queries go on.
func (a *attention[T]) gather(s int, p []T, n int) {
	from := int32(a.sel.In.Offsets[s])
	first, last, _ := a.sel.kept.Bounds(s)
	at := a.keptAt[s]
	for h := range a.heads {
		for _, row := range a.sel.Kept[first:last] {
			w := h*n + int(row-from)
			at += copy(a.kept[at:], p[w*n:(w+1)*n])
		}
	}
	a.keptAt = append(a.keptAt, at)
}

// going is P of the queries that go on: (heads, l, n) of sequence s.
func (a *attention[T]) going(s, n, l int) []T {
	if len(a.keptAt) > 1 {
		return a.kept[a.keptAt[s] : a.keptAt[s]+a.heads*l*n]
	}
	return a.probs[a.at[s]:a.at[s+1]]
}

// dropped is p with dropout applied, in scratch memory.
func (a *attention[T]) dropped(p []T, s int) []T {
	if a.drop.Off() {
		return p
	}
	m := a.scratch.mat(1, len(p))
	kernel.Dropout(m.Data, p, a.drop.Rate, a.drop.seed(), a.at[s])
	return m.Data
}

func (a *attention[T]) gradient(in G.Nodes, _, dy *G.Node) (G.Nodes, error) {
	d := &attentionGrad[T]{forward: a}
	dx, err := apply("attention.dx", d, in[0].Shape(), nil, append(G.Nodes{dy}, in...)...)
	if err != nil || len(in) == 1 {
		return G.Nodes{dx}, err
	}
	dkv, err := beside("attention.dkv", dx, &d.dkv, in[1].Shape())
	return G.Nodes{dx, dkv}, err
}

// attentionGrad computes dx, and dkv beside it where K and V come apart from Q:
//
//	dP = drop(dy·Vᵀ), dV = drop(P)ᵀ·dy, dS = P∘(dP − Σ P∘dP)/√d, dQ = dS·K, dK = dSᵀ·Q
type attentionGrad[T kernel.Float] struct {
	forward         *attention[T]
	dx, kv          buffer[T]
	dkv             Mat[T]
	dp, queries, dq buffer[T]
}

func (g *attentionGrad[T]) compute(in []Mat[T]) Mat[T] {
	a, dy, x := g.forward, in[0], in[1:]
	grads := []Mat[T]{g.dx.zeroed(x[0].Rows, x[0].Cols)}
	if lonely(x) {
		g.dkv = g.kv.mat(x[1].Rows, x[1].Cols)
		grads = append(grads, g.dkv)
	}
	for s := range a.sel.In.Sequences() {
		g.sequence(s, dy, x, grads)
	}
	return grads[0]
}

func (g *attentionGrad[T]) sequence(s int, dy Mat[T], x, grads []Mat[T]) {
	a := g.forward
	q, k, v := a.split(x)
	dq, dk, dv := a.split(grads)
	from, to, _ := a.sel.In.Bounds(s)
	first, last, _ := a.sel.Out().Bounds(s)
	n, l, d := to-from, last-first, a.hidden/a.heads
	scale := T(1 / math.Sqrt(float64(d)))
	rows := g.rows(s, lonely(x), first, last)
	p := a.going(s, n, l)
	dropped := a.dropped(p, s)
	dp := g.dp.mat(a.heads*l, n)
	qs, dqs := g.queries.mat(l, d), g.dq.mat(l, d)
	for h := range a.heads {
		dyh := dy.Data[first*a.hidden+h*d:]
		kernel.Gemm(false, true, l, n, d, dyh, a.hidden, v.head(from, h, d), v.ld, dp.Data[h*l*n:], n, false)
		kernel.Gemm(true, false, n, d, l, dropped[h*l*n:], n, dyh, a.hidden, dv.head(from, h, d), dv.ld, false)
	}
	if !a.drop.Off() {
		kernel.Dropout(dp.Data, dp.Data, a.drop.Rate, a.drop.seed(), a.at[s])
	}
	kernel.SoftmaxGrad(dp.Data, p, dp.Data, a.heads*l, n, scale)
	for h := range a.heads {
		ds := dp.Data[h*l*n:]
		for i, r := range rows {
			copy(qs.Data[i*d:(i+1)*d], q.head(int(r), h, d))
		}
		kernel.Gemm(false, false, l, d, n, ds, n, k.head(from, h, d), k.ld, dqs.Data, d, false)
		kernel.Gemm(true, false, n, d, l, ds, n, qs.Data, d, dk.head(from, h, d), dk.ld, false)
		for i, r := range rows {
			copy(dq.head(int(r), h, d), dqs.Data[i*d:(i+1)*d])
		}
	}
}

// rows are the rows of Q that go on in sequence s.
func (g *attentionGrad[T]) rows(s int, clsOnly bool, first, last int) []int32 {
	sel := g.forward.sel
	if clsOnly {
		return []int32{int32(s)}
	}
	if sel.Removes() {
		return sel.Kept[first:last]
	}
	rows := grow(sel.order, last)[first:last]
	for i := range rows {
		rows[i] = int32(first + i)
	}
	return rows
}

// Probs is P of every query of sequence s at the last run, (heads, queries, n):
// the machine's own memory.
func Probs[T kernel.Float](attention_ *G.Node, s int) []T {
	a := attention_.Op().(*op[T]).computer.(*attention[T])
	return a.probs[a.at[s]:a.at[s+1]]
}
