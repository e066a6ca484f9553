package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// SoftExtract scales each word-vector by the retention weight of its rank:
//
//	y[i,:] = r[rank_i]·x[i,:]        (Goyal et al. 2020, section 3.3)
//
// With relative ranks the weight is the mean of r, as a step function, over the
// rank's share of its sequence; padding rows then pass unscaled.
//
// Shapes: x (l, H), of the rows that sel lets go on, r (N); y (l, H). The ranks come from sel and are constant:
// gradients flow to x and r only. It does not clip r; the optimiser projects r
// back to [0, 1] after every step.
func SoftExtract[T kernel.Float](sel *Selection[T], x, r *Node) (*Node, error) {
	return Apply("softextract", &softExtract[T]{sel: sel}, x.Shape(), x, r)
}

type softExtract[T kernel.Float] struct {
	sel    *Selection[T]
	weight buffer[T] // of every row at the last run
}

// ranked is how many ranks of sequence s have a weight of their own.
func (e *softExtract[T]) ranked(s int) int {
	from, to, real := e.sel.In.Bounds(s)
	if e.sel.Scoring.Relative {
		return real
	}
	return to - from
}

// weights finds the factor of every row.
func (e *softExtract[T]) weights(r []T, m *Memory[T]) []T {
	out := e.sel.Out()
	w := e.weight.mat(1, out.Rows()).Data
	for s := range out.Sequences() {
		from, to, _ := out.Bounds(s)
		byRank := m.Take(e.ranked(s))
		kernel.RankWeights(byRank, r, e.sel.Scoring.Relative)
		for i := from; i < to; i++ {
			w[i] = 1
			if k := int(e.sel.Rank[e.sel.entered(i)]); k < len(byRank) {
				w[i] = byRank[k]
			}
		}
	}
	if !e.sel.Removes() {
		e.sel.bury(w)
	}
	return w
}

func (e *softExtract[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	x := in[0]
	y := m.Mat(x.Rows, x.Cols)
	scaleRows(y, x, e.weights(in[1].Data, m))
	return y
}

func scaleRows[T kernel.Float](y, x Mat[T], weight []T) {
	for i, w := range weight {
		kernel.Scale(y.Data[i*y.Cols:], x.Data[i*x.Cols:(i+1)*x.Cols], w)
	}
}

func (e *softExtract[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	x, r := in[0], in[1]
	d := &softExtractGrad[T]{forward: e, length: r.Shape()[0]}
	dx, err := Apply("softextract.dx", d, x.Shape(), dy, x)
	if err != nil {
		return nil, err
	}
	dr, err := beside("softextract.dr", dx, &d.dr, r.Shape())
	return Nodes{dx, dr}, err
}

// softExtractGrad is dx[i,:] = r[rank_i]·dy[i,:] and, beside it,
// dr[k] = Σ_{rank_i = k} x[i,:]·dy[i,:].
type softExtractGrad[T kernel.Float] struct {
	forward *softExtract[T]
	length  int
	drs     buffer[T]
	dr      Mat[T]
}

func (g *softExtractGrad[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	e, dy, x := g.forward, in[0], in[1]
	dx := m.Mat(x.Rows, x.Cols)
	scaleRows(dx, dy, e.weight[:x.Rows])
	g.dr = g.drs.zeroed(1, g.length)
	out := e.sel.Out()
	for s := range out.Sequences() {
		from, to, _ := out.Bounds(s)
		byRank := m.Take(e.ranked(s))
		clear(byRank)
		for i := from; i < to; i++ {
			if k := int(e.sel.Rank[e.sel.entered(i)]); k < len(byRank) {
				byRank[k] = kernel.Dot(x.Data[i*x.Cols:(i+1)*x.Cols], dy.Data[i*x.Cols:(i+1)*x.Cols])
			}
		}
		kernel.RankWeightsGrad(g.dr.Data, byRank, e.sel.Scoring.Relative)
	}
	return dx
}
