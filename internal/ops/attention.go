package ops

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Attention is multi-head self-attention within each sequence, and the scoring
// of its word-vectors:
//
//	P_h = softmax(Q_h·K_hᵀ / √d + R_h + mask)    per head h
//	y   = concat_h(drop(P_h)·V_h)
//
// Only the rows that sel lets go on are computed in y (early gather: the product
// with V, and all that follows, needs no other query). Scores use P before
// dropout; no gradient flows through them.
//
// R_h, where the heads have a Relative, is a bias by the distance of key and query; with a
// Window a key further away has the probability 0.
//
// Shapes: with one input, x is Q, K and V side by side, (n, 3H). With two, x is
// Q of the [CLS] rows alone, (B, H), and kv is K and V side by side, (n, 2H);
// sel must then be PickCLS. y is (rows that go on, H).
func Attention[T kernel.Float](sel *Selection[T], heads Heads, x ...*Node) (*Node, error) {
	hidden := x[0].Shape()[1]
	if len(x) == 1 {
		hidden /= 3
	}
	a := &attention[T]{sel: sel, heads: heads.Count, hidden: hidden, drop: heads.Drop, window: heads.Window, rounded: heads.Rounded && heads.Window == nil}
	if r := heads.Relative; r != nil {
		a.bias = &bias[T]{rows: r.Rows, heads: heads.Count, scale: T(math.Sqrt(float64(hidden / heads.Count)))}
		x = append(x, r.Table)
	}
	return Apply("attention", a, Shape{x[0].Shape()[0], hidden}, x...)
}

// Heads says how attention's heads read.
type Heads struct {
	Count    int
	Drop     Dropout
	Relative *Relative // nil: no bias
	Window   *Window   // nil: they read all
	Rounded  bool      // their products read bfloat16, without gradients and windows
}

type attention[T kernel.Float] struct {
	sel           *Selection[T]
	heads, hidden int
	drop          Dropout
	bias          *bias[T] // nil: none
	window        *Window  // nil: none
	rounded       bool     // products read bfloat16
	backward      bool     // a gradient will read P
	probs         []T      // P of all queries, sequence by sequence, head by head
	at            []int    // where each sequence's P begins
	kept          []T      // P of the queries that go on, where it is gathered
	keptAt        []int
	own, ownKept  buffer[T] // of probs and kept, where a gradient will read them
}

// headOf is the columns of head h, d wide, of a matrix from a row on.
func headOf[T kernel.Float](x kernel.Strided[T], row, h, d int) kernel.Strided[T] {
	return kernel.Strided[T]{Data: x.Data[row*x.LD+h*d:], LD: x.LD}
}

// split finds Q, K and V in the inputs, or their gradients in the gradients.
func (a *attention[T]) split(x []Mat[T]) (q, k, v kernel.Strided[T]) {
	h := a.hidden
	if len(x) == 1 {
		at := func(i int) kernel.Strided[T] { return kernel.Strided[T]{Data: x[0].Data[i*h:], LD: x[0].Cols} }
		return at(0), at(1), at(2)
	}
	return kernel.Strided[T]{Data: x[0].Data, LD: h}, kernel.Strided[T]{Data: x[1].Data, LD: 2 * h}, kernel.Strided[T]{Data: x[1].Data[h:], LD: 2 * h}
}

// inputs takes the table of the bias, which comes last, from what the op reads.
func (a *attention[T]) inputs(in []Mat[T]) []Mat[T] {
	if a.bias == nil {
		return in
	}
	a.bias.table = in[len(in)-1]
	return in[:len(in)-1]
}

// lonely tells whether Q has the [CLS] rows only.
func lonely[T kernel.Float](x []Mat[T]) bool { return len(x) == 2 }

func (a *attention[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	in = a.inputs(in)
	q, k, v := a.split(in)
	if a.forgets() {
		return a.direct(q, k, v, m)
	}
	a.attend(q, k, v, lonely(in), m)
	out := a.sel.Out()
	y := m.Mat(out.Rows(), a.hidden)
	d := a.hidden / a.heads
	p := a.dropped(m)
	m.work.help.Run(out.Sequences()*a.heads, a.weighed()*d, func(i int) {
		s, h := i/a.heads, i%a.heads
		from, to, _ := a.sel.In.Bounds(s)
		first, last, _ := out.Bounds(s)
		n, l := to-from, last-first
		if a.readsInPlace(lonely(in)) {
			all := kernel.Head[T]{V: headOf(v, from, h, d), Keys: n, D: d, Rounded: a.rounded}
			all.WeighRows(headOf(kernel.Strided[T]{Data: y.Data, LD: a.hidden}, first, h, d), kernel.Strided[T]{Data: p[a.at[s]+h*n*n:], LD: n}, a.sel.Kept[first:last], from)
			return
		}
		ph := p[a.goingAt(s)+h*l*n:]
		for i := 0; i < l; {
			end, lo, hi := a.window.tile(i, out.Positions[first:last], a.sel.In.Positions[from:to])
			weighed := kernel.Head[T]{V: headOf(v, from+lo, h, d), Keys: hi - lo, D: d, Rounded: a.rounded}
			weighed.Weigh(headOf(kernel.Strided[T]{Data: y.Data, LD: a.hidden}, first+i, h, d), kernel.Strided[T]{Data: ph[i*n+lo:], LD: n}, end-i)
			i = end
		}
	})
	return y
}

// readsInPlace tells whether the rows of P that go on are some of those there are, and are read
// where they lie, for they are read once.
func (a *attention[T]) readsInPlace(clsOnly bool) bool {
	return a.sel.Removes() && !clsOnly && !a.gathers(clsOnly)
}

// gathers tells whether the rows of P that go on are copied together.
func (a *attention[T]) gathers(clsOnly bool) bool {
	return a.sel.Removes() && !clsOnly && (a.backward || a.window != nil || !a.drop.Off())
}

// forgets tells whether nobody reads P once its head has: all word-vectors go on, unscored,
// and there is no gradient.
func (a *attention[T]) forgets() bool {
	return a.sel.Pick == PickAll && a.window == nil && a.drop.Off() && !a.backward
}

// scale is what scores are multiplied by.
func (a *attention[T]) scale() T { return T(1 / math.Sqrt(float64(a.hidden/a.heads))) }

// direct computes y head by head.
func (a *attention[T]) direct(q, k, v kernel.Strided[T], m *Memory[T]) Mat[T] {
	in, d := a.sel.In, a.hidden/a.heads
	scale := a.scale()
	a.sel.reset(a.heads)
	y := m.Mat(in.Rows(), a.hidden)
	m.work.help.Run(in.Sequences()*a.heads, 2*a.weighed()*d, func(i int) {
		s, h := i/a.heads, i%a.heads
		from, to, real := in.Bounds(s)
		head := kernel.Head[T]{Q: headOf(q, from, h, d), K: headOf(k, from, h, d), V: headOf(v, from, h, d), Queries: to - from, Keys: to - from, D: d,
			Real: real, Scale: scale, Bias: a.bias.adding(h, in.Positions[from:to]), Rounded: a.rounded}
		head.Attend(headOf(kernel.Strided[T]{Data: y.Data, LD: a.hidden}, from, h, d))
	})
	return y
}

// weighed is how many probabilities of the queries that go on there are, in all heads together.
func (a *attention[T]) weighed() (sum int) {
	for s := range a.sel.In.Sequences() {
		from, to, _ := a.sel.In.Bounds(s)
		first, last, _ := a.sel.Out().Bounds(s)
		sum += a.heads * (last - first) * (to - from)
	}
	return sum
}

// attend computes every P, scores the word-vectors and lets sel choose.
func (a *attention[T]) attend(q, k, v kernel.Strided[T], clsOnly bool, m *Memory[T]) {
	in := a.sel.In
	a.sel.reset(a.heads)
	a.place(clsOnly, m)
	m.work.help.Run(in.Sequences()*a.heads, len(a.probs)*a.hidden/a.heads, func(i int) { a.attendHead(i/a.heads, i%a.heads, q, k, clsOnly) })
	if a.sel.Scores() {
		m.work.help.Run(in.Sequences(), len(a.probs), func(s int) { a.score(s, v) })
	}
	for s := range in.Sequences() {
		if a.sel.Pick != PickAll {
			a.sel.choose(s)
		}
		if a.gathers(clsOnly) {
			a.gather(s)
		}
	}
}

// attendHead computes P of one head in sequence s, and what its word-vectors receive.
func (a *attention[T]) attendHead(s, h int, q, k kernel.Strided[T], clsOnly bool) {
	a.sel.receive(s, h, a.probabilities(s, h, q, k, clsOnly))
}

// probabilities computes P of one head in sequence s.
func (a *attention[T]) probabilities(s, h int, q, k kernel.Strided[T], clsOnly bool) []T {
	from, to, real := a.sel.In.Bounds(s)
	n, row, queries := to-from, from, to-from
	if clsOnly {
		row, queries = s, 1
	}
	d, p := a.hidden/a.heads, a.probs[a.at[s]+h*queries*n:][:queries*n]
	scale := a.scale()
	read := a.sel.In.Positions[from:to]
	if a.window == nil {
		head := kernel.Head[T]{Q: headOf(q, row, h, d), K: headOf(k, from, h, d), Queries: queries, Keys: n, D: d, Real: real, Scale: scale, Bias: a.bias.adding(h, read), Rounded: a.rounded}
		head.Probabilities(p)
		return p
	}
	for i := 0; i < queries; {
		end, lo, hi := a.window.tile(i, read[:queries], read)
		kernel.Gemm(false, true, end-i, hi-lo, d, headOf(q, row+i, h, d).Data, q.LD, headOf(k, from+lo, h, d).Data, k.LD, p[i*n+lo:], n, false)
		i = end
	}
	if a.bias != nil {
		a.bias.add(p, h, read[:queries], read)
	}
	softmaxOf(a.window, p, scale, real, read[:queries], read)
	return p
}

// score lets the heads vote on the word-vectors of sequence s, whose values are v.
func (a *attention[T]) score(s int, v kernel.Strided[T]) {
	from, to, _ := a.sel.In.Bounds(s)
	n, d, p := to-from, a.hidden/a.heads, a.probs[a.at[s]:a.at[s+1]]
	for h := range a.heads {
		a.sel.vote(s, h, p[h*n*n:(h+1)*n*n], headOf(v, from, h, d), d)
	}
}

// place lays out the P of all sequences.
func (a *attention[T]) place(clsOnly bool, m *Memory[T]) {
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
	size := a.at[in.Sequences()]
	gathers := a.gathers(clsOnly)
	if a.backward {
		a.probs = a.own.mat(1, size).Data
		if gathers {
			a.kept = a.ownKept.mat(1, size).Data
		}
		return
	}
	a.probs = m.Take(size)
	if gathers {
		a.kept = m.Take(size)
	}
}

// gather copies the rows of P of sequence s whose queries go on.
func (a *attention[T]) gather(s int) {
	from, to, _ := a.sel.In.Bounds(s)
	n, p := to-from, a.probs[a.at[s]:a.at[s+1]]
	first, last, _ := a.sel.kept.Bounds(s)
	at := a.keptAt[s]
	for h := range a.heads {
		for _, row := range a.sel.Kept[first:last] {
			w := h*n + int(row) - from
			at += copy(a.kept[at:], p[w*n:(w+1)*n])
		}
	}
	a.keptAt = append(a.keptAt, at)
}

// going is P of the queries that go on, or of all where it is not gathered, sequence after
// sequence, and goingAt where that of a sequence, (heads, l, n), begins.
func (a *attention[T]) going() []T {
	if len(a.keptAt) > 1 {
		return a.kept[:a.keptAt[len(a.keptAt)-1]]
	}
	return a.probs
}

func (a *attention[T]) goingAt(s int) int {
	if len(a.keptAt) > 1 {
		return a.keptAt[s]
	}
	return a.at[s]
}

// dropped is what going gives, with dropout applied.
func (a *attention[T]) dropped(m *Memory[T]) []T {
	p := a.going()
	if a.drop.Off() {
		return p
	}
	to := m.Take(len(p))
	for s := range a.sel.In.Sequences() {
		from, end := a.goingAt(s), a.goingAt(s+1)
		kernel.Dropout(to[from:end], p[from:end], a.drop.Rate, a.drop.seed(), a.at[s])
	}
	return to
}

func (a *attention[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	a.backward, a.rounded = true, false
	d := &attentionGrad[T]{forward: a}
	dx, err := Apply("attention.dx", d, in[0].Shape(), append(Nodes{dy}, in...)...)
	if err != nil {
		return nil, err
	}
	all, further := Nodes{dx}, in[1:]
	if a.bias != nil {
		further = in[1 : len(in)-1]
	}
	for _, kv := range further {
		dkv, err := beside("attention.dkv", dx, &d.dkv, kv.Shape())
		if err != nil {
			return nil, err
		}
		all = append(all, dkv)
	}
	if a.bias == nil {
		return all, nil
	}
	dtable, err := beside("attention.dtable", dx, &a.bias.grad, in[len(in)-1].Shape())
	return append(all, dtable), err
}

// attentionGrad computes dx, and dkv beside it where K and V come apart from Q:
//
//	dP = drop(dy·Vᵀ), dV = drop(P)ᵀ·dy, dS = P∘(dP − Σ P∘dP)/√d, dQ = dS·K, dK = dSᵀ·Q
type attentionGrad[T kernel.Float] struct {
	forward *attention[T]
	kv      buffer[T]
	dkv     Mat[T]
}

func (g *attentionGrad[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	a, dy, x := g.forward, in[0], g.forward.inputs(in[1:])
	if a.bias != nil {
		a.bias.begin()
	}
	grads := []Mat[T]{m.Zeroed(x[0].Rows, x[0].Cols)}
	if lonely(x) {
		g.dkv = g.kv.zeroed(x[1].Rows, x[1].Cols)
		grads = append(grads, g.dkv)
	}
	dropped := a.dropped(m)
	dp := m.Take(len(dropped))
	rows, d := 0, a.hidden/a.heads
	for s := range a.sel.In.Sequences() {
		first, last, _ := a.sel.Out().Bounds(s)
		rows = max(rows, last-first)
	}
	qs, dqs := m.Take(rows*d), m.Take(rows*d)
	for s := range a.sel.In.Sequences() {
		g.sequence(s, dy, x, grads, dropped, dp, qs, dqs)
	}
	return grads[0]
}

func (g *attentionGrad[T]) sequence(s int, dy Mat[T], x, grads []Mat[T], dropped, dp, qs, dqs []T) {
	a := g.forward
	q, k, v := a.split(x)
	dq, dk, dv := a.split(grads)
	from, to, _ := a.sel.In.Bounds(s)
	first, last, _ := a.sel.Out().Bounds(s)
	n, l, d := to-from, last-first, a.hidden/a.heads
	scale := a.scale()
	rows := g.rows(s, lonely(x), first, last)
	at, size := a.goingAt(s), a.heads*l*n
	p := a.going()[at : at+size]
	dropped, dp = dropped[at:at+size], dp[at:at+size]
	tiled := a.window != nil // whose sums are put together, and which leave out scores
	if tiled {
		clear(dp)
	}
	asking, read := a.sel.Out().Positions[first:last], a.sel.In.Positions[from:to]
	for h := range a.heads {
		for i := 0; i < l; {
			end, lo, hi := a.window.tile(i, asking, read)
			dyh, at := dy.Data[(first+i)*a.hidden+h*d:], (h*l+i)*n+lo
			kernel.Gemm(false, true, end-i, hi-lo, d, dyh, a.hidden, headOf(v, from+lo, h, d).Data, v.LD, dp[at:], n, false)
			kernel.Gemm(true, false, hi-lo, d, end-i, dropped[at:], n, dyh, a.hidden, headOf(dv, from+lo, h, d).Data, dv.LD, tiled)
			i = end
		}
	}
	if !a.drop.Off() {
		kernel.Dropout(dp, dp, a.drop.Rate, a.drop.seed(), a.at[s])
	}
	kernel.SoftmaxGrad(dp, p, dp, a.heads*l, n, scale)
	for h := range a.heads {
		ds := dp[h*l*n:]
		if a.bias != nil {
			a.bias.learn(ds, h, asking, read)
		}
		for i, r := range rows {
			copy(qs[i*d:(i+1)*d], headOf(q, int(r), h, d).Data)
		}
		for i := 0; i < l; {
			end, lo, hi := a.window.tile(i, asking, read)
			kernel.Gemm(false, false, end-i, d, hi-lo, ds[i*n+lo:], n, headOf(k, from+lo, h, d).Data, k.LD, dqs[i*d:], d, false)
			kernel.Gemm(true, false, hi-lo, d, end-i, ds[i*n+lo:], n, qs[i*d:], d, headOf(dk, from+lo, h, d).Data, dk.LD, tiled)
			i = end
		}
		for i, r := range rows {
			copy(headOf(dq, int(r), h, d).Data, dqs[i*d:(i+1)*d])
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
	rows := kernel.Room(sel.order, last)[first:last]
	for i := range rows {
		rows[i] = int32(first + i)
	}
	return rows
}

// Probs is P of every query of sequence s at the last run, (heads, queries, n),
// of a graph with gradients: the machine's own memory.
func Probs[T kernel.Float](attention_ *Node, s int) []T {
	a := attention_.Op().(*op[T]).Computer.(*attention[T])
	return a.probs[a.at[s]:a.at[s+1]]
}
