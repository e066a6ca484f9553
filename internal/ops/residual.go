package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// Dropout says how, and where in the network, elements are dropped in training.
// The zero value drops nothing.
type Dropout struct {
	Rate  float64 // probability of being zeroed, below 1
	Site  uint64  // tells the places of one network apart: no two share a mask
	Batch *Batch  // whose Seed tells the runs apart
}

// Off tells whether nothing is dropped.
func (d Dropout) Off() bool { return d.Rate == 0 }

func (d Dropout) seed() uint64 { return kernel.Mix(d.Batch.Seed, d.Site) }

// Drop applies dropout to x, of any shape.
func Drop[T kernel.Float](x *Node, drop Dropout) (*Node, error) {
	if drop.Off() {
		return x, nil
	}
	return Apply("dropout", &dropout[T]{drop: drop}, x.Shape(), x)
}

type dropout[T kernel.Float] struct{ drop Dropout }

func (d *dropout[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	y := m.Mat(in[0].Rows, in[0].Cols)
	kernel.Dropout(y.Data, in[0].Data, d.drop.Rate, d.drop.seed(), 0)
	return y
}

func (d *dropout[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := Apply("dropout.dx", &dropout[T]{drop: d.drop}, in[0].Shape(), dy)
	return Nodes{dx}, err
}

// Residual adds a branch to what it branched off from, which may have more rows:
//
//	y[i,:] = branch[i,:] + x[kept_i,:]
//
// where kept are the rows that sel lets go on; a nil sel keeps all.
//
// Shapes: branch (l, H), x (n, H); y (l, H).
func Residual[T kernel.Float](sel *Selection[T], branch, x *Node) (*Node, error) {
	if sel != nil && !sel.Removes() {
		sel = nil
	}
	return Apply("residual", &residual[T]{sel: sel}, branch.Shape(), branch, x)
}

type residual[T kernel.Float] struct{ sel *Selection[T] }

func (r *residual[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	branch, x := in[0], in[1]
	y := m.Mat(branch.Rows, branch.Cols)
	if r.sel == nil {
		m.work.rows(y.Rows, y.Cols, func(from, to int) {
			at, end := from*y.Cols, to*y.Cols
			kernel.Sum(y.Data[at:end], branch.Data[at:end], x.Data[at:end])
		})
		return y
	}
	kernel.Gather(y.Data, x.Data, y.Cols, r.sel.Kept)
	kernel.Add(y.Data, branch.Data)
	return y
}

func (r *residual[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	if r.sel == nil {
		return Nodes{dy, dy}, nil
	}
	dx, err := Apply("residual.dx", &residualDX[T]{sel: r.sel}, in[1].Shape(), dy)
	return Nodes{dy, dx}, err
}

// residualDX scatters the gradient to the rows that went on; the others get 0.
type residualDX[T kernel.Float] struct{ sel *Selection[T] }

func (r *residualDX[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dx := m.Zeroed(r.sel.In.Rows(), in[0].Cols)
	kernel.ScatterAdd(dx.Data, in[0].Data, dx.Cols, r.sel.Kept)
	return dx
}
