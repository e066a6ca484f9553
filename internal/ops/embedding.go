package ops

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Embedding is y[i,:] = word[id_i,:] + position[pos_i,:] + typ[type_i,:] for
// every row of the batch.
//
// Shapes: word (V, H), position (P, H), typ (types, H); y (n, H). The ids must
// lie inside the tables: whoever fills the batch checks them.
func Embedding[T kernel.Float](b *Batch, rows int, word, position, typ *G.Node) (*G.Node, error) {
	shape := tensor.Shape{rows, word.Shape()[1]}
	return apply("embedding", &embedding[T]{batch: b}, shape, []bool{true, true, true}, word, position, typ)
}

type embedding[T kernel.Float] struct {
	batch *Batch
	y     buffer[T]
}

func (e *embedding[T]) compute(in []Mat[T]) Mat[T] {
	h := in[0].Cols
	y := e.y.mat(e.batch.Rows(), h)
	kernel.Gather(y.Data, in[0].Data, h, e.batch.IDs)
	for i := range y.Rows {
		p, t := int(e.batch.Positions[i])*h, int(e.batch.Types[i])*h
		pos, typ := in[1].Data[p:p+h], in[2].Data[t:t+h]
		for j, v := range pos {
			y.Data[i*h+j] += v + typ[j]
		}
	}
	return y
}

func (e *embedding[T]) gradient(in G.Nodes, _, dy *G.Node) (G.Nodes, error) {
	index := []*[]int32{&e.batch.IDs, &e.batch.Positions, &e.batch.Types}
	grads := make(G.Nodes, len(in))
	for i, table := range in {
		d := &tableGrad[T]{index: index[i], rows: table.Shape()[0]}
		var err error
		if grads[i], err = apply("embedding.dtable", d, table.Shape(), nil, dy); err != nil {
			return nil, err
		}
	}
	return grads, nil
}

// tableGrad scatters the gradient into the rows of the table that the batch
// used. All other rows of its result are 0 and stay untouched.
type tableGrad[T kernel.Float] struct {
	index *[]int32
	rows  int
	d     buffer[T]
	used  []int32 // rows that the batch uses, once each
	seen  []bool
}

func (t *tableGrad[T]) compute(in []Mat[T]) Mat[T] {
	cols := in[0].Cols
	d := t.d.mat(t.rows, cols)
	for _, r := range t.used {
		clear(d.Data[int(r)*cols : (int(r)+1)*cols])
	}
	t.note()
	kernel.ScatterAdd(d.Data, in[0].Data, cols, *t.index)
	return d
}

// note remembers the rows that the batch uses.
func (t *tableGrad[T]) note() {
	t.seen = grow(t.seen, t.rows)
	for _, r := range t.used {
		t.seen[r] = false
	}
	t.used = t.used[:0]
	for _, r := range *t.index {
		if !t.seen[r] {
			t.seen[r] = true
			t.used = append(t.used, r)
		}
	}
}

// RowsUsed tells which rows of a gradient can differ from 0, where its op knows:
// the rows of an embedding table that the batch used, once each.
func RowsUsed(grad *G.Node) (rows []int32, ok bool) {
	switch o := grad.Op().(type) {
	case *op[float32]:
		return rowsUsed(o)
	case *op[float64]:
		return rowsUsed(o)
	}
	return nil, false
}

func rowsUsed[T kernel.Float](o *op[T]) ([]int32, bool) {
	t, ok := o.computer.(*tableGrad[T])
	if !ok {
		return nil, false
	}
	return t.used, true
}

// First is the first row of every sequence, its [CLS] word-vector.
//
// Shapes: x (n, H); y (B, H).
func First[T kernel.Float](l *Layout, x *G.Node) (*G.Node, error) {
	return apply("first", &first[T]{layout: l}, x.Shape(), []bool{true}, x)
}

type first[T kernel.Float] struct {
	layout *Layout
	index  []int32
	y      buffer[T]
}

func (f *first[T]) compute(in []Mat[T]) Mat[T] {
	f.index = f.index[:0]
	for _, from := range f.layout.Offsets[:f.layout.Sequences()] {
		f.index = append(f.index, int32(from))
	}
	y := f.y.mat(len(f.index), in[0].Cols)
	kernel.Gather(y.Data, in[0].Data, y.Cols, f.index)
	return y
}

func (f *first[T]) gradient(in G.Nodes, _, dy *G.Node) (G.Nodes, error) {
	dx, err := apply("first.dx", &firstDX[T]{forward: f}, in[0].Shape(), nil, dy)
	return G.Nodes{dx}, err
}

type firstDX[T kernel.Float] struct {
	forward *first[T]
	dx      buffer[T]
}

func (f *firstDX[T]) compute(in []Mat[T]) Mat[T] {
	dx := f.dx.zeroed(f.forward.layout.Rows(), in[0].Cols)
	kernel.ScatterAdd(dx.Data, in[0].Data, dx.Cols, f.forward.index)
	return dx
}
