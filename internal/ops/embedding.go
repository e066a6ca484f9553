package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// Embedding is y[i,:] = word[id_i,:] + position[pos_i,:] + typ[type_i,:] for
// every row of the batch; without position or typ where it is nil.
//
// Shapes: word (V, H), position (P, H), typ (types, H); y (n, H). The ids must
// lie inside the tables: whoever fills the batch checks them.
func Embedding[T kernel.Float](b *Batch, rows int, word, position, typ *Node) (*Node, error) {
	e := &embedding[T]{batch: b, width: word.Shape()[1]}
	return Apply("embedding", e, Shape{rows, e.width}, e.inputs(word, position, typ)...)
}

// Int8Embedding is Embedding of a table of words in 8 bits, with scales, those of words, as
// a node. It has no gradient.
//
// Shapes: scales (V), position (P, H), typ (types, H); y (n, H).
func Int8Embedding[T kernel.Float](b *Batch, rows int, words *kernel.Int8Table[T], scales, position, typ *Node) (*Node, error) {
	e := &embedding[T]{batch: b, words: words, width: words.Width}
	computer := struct{ Computer[T] }{e} // no Differ
	return Apply("embedding", computer, Shape{rows, e.width}, e.inputs(scales, position, typ)...)
}

type embedding[T kernel.Float] struct {
	batch     *Batch
	words     *kernel.Int8Table[T] // nil: the first input
	width     int
	positions []int32    // the row of each in the table, at the batch at hand
	index     []*[]int32 // the rows of each table
}

// inputs are the tables that are there, of words first; e notes what looks into each.
func (e *embedding[T]) inputs(word, position, typ *Node) Nodes {
	in := Nodes{word}
	e.index = []*[]int32{&e.batch.IDs}
	for i, table := range (Nodes{position, typ}) {
		if table != nil {
			in, e.index = append(in, table), append(e.index, []*[]int32{&e.positions, &e.batch.Types}[i])
		}
	}
	return in
}

func (e *embedding[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	h := e.width
	y := m.Mat(e.batch.Rows(), h)
	e.positions = e.batch.counted(e.positions)
	if e.words != nil {
		e.words.Gather(y.Data, e.batch.IDs)
	} else {
		kernel.Gather(y.Data, in[0].Data, h, e.batch.IDs)
	}
	if len(in) < 3 {
		for j := 1; j < len(in); j++ {
			for i, p := range *e.index[j] {
				kernel.Add(y.Data[i*h:(i+1)*h], in[j].Data[int(p)*h:int(p+1)*h])
			}
		}
		return y
	}
	for i := range y.Rows {
		p, t := int(e.positions[i])*h, int(e.batch.Types[i])*h
		pos, typ := in[1].Data[p:p+h], in[2].Data[t:t+h]
		for j, v := range pos {
			y.Data[i*h+j] += v + typ[j]
		}
	}
	return y
}

func (e *embedding[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	grads := make(Nodes, len(in))
	for i, table := range in {
		d := &tableGrad[T]{index: e.index[i], rows: table.Shape()[0]}
		var err error
		if grads[i], err = Apply("embedding.dtable", d, table.Shape(), dy); err != nil {
			return nil, err
		}
	}
	return grads, nil
}

// tableGrad scatters the gradient into the rows of the table that the batch
// used; all others are 0.
type tableGrad[T kernel.Float] struct {
	index  *[]int32
	rows   int
	to     *addend[T]
	used   []int32 // rows that the batch uses, once each
	place  []int32 // per row of the table: where it is in used, from 1; 0: nowhere
	places []int32 // per row of the batch
}

func (t *tableGrad[T]) addTo(a *addend[T]) { t.to = a }

func (t *tableGrad[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	cols := in[0].Cols
	if t.to == nil {
		d := m.Zeroed(t.rows, cols)
		kernel.ScatterAdd(d.Data, in[0].Data, cols, *t.index)
		return d
	}
	places := t.note()
	d := m.Take(len(t.used) * cols)
	clear(d)
	kernel.ScatterAdd(d, in[0].Data, cols, places)
	t.to.putRows(d, cols, t.used)
	return Mat[T]{t.rows, cols, t.to.param.to}
}

// note finds the rows that the batch uses, and says for every row of the batch
// which of them it is.
func (t *tableGrad[T]) note() []int32 {
	if t.place == nil {
		t.place = make([]int32, t.rows)
	}
	for _, r := range t.used {
		t.place[r] = 0
	}
	t.used, t.places = t.used[:0], t.places[:0]
	for _, r := range *t.index {
		if t.place[r] == 0 {
			t.used = append(t.used, r)
			t.place[r] = int32(len(t.used))
		}
		t.places = append(t.places, t.place[r]-1)
	}
	return t.places
}

// First is the first row of every sequence, its [CLS] word-vector.
//
// Shapes: x (n, H); y (B, H).
func First[T kernel.Float](l *Layout, x *Node) (*Node, error) {
	var index []int32
	firsts := func() []int32 {
		index = index[:0]
		for _, from := range l.Offsets[:l.Sequences()] {
			index = append(index, int32(from))
		}
		return index
	}
	return Apply("first", rowsOf[T]{layout: l, index: firsts}, x.Shape(), x)
}

// rowsOf is the rows of x that index names at the batch at hand, each once.
type rowsOf[T kernel.Float] struct {
	layout *Layout // of x
	index  func() []int32
}

func (r rowsOf[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	index := r.index()
	y := m.Mat(len(index), in[0].Cols)
	kernel.Gather(y.Data, in[0].Data, y.Cols, index)
	return y
}

func (r rowsOf[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := Apply("rows.dx", rowsOfDX[T](r), in[0].Shape(), dy)
	return Nodes{dx}, err
}

// rowsOfDX puts dy into the rows that it belongs to; all others are 0.
type rowsOfDX[T kernel.Float] rowsOf[T]

func (r rowsOfDX[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dx := m.Zeroed(r.layout.Rows(), in[0].Cols)
	kernel.ScatterAdd(dx.Data, in[0].Data, dx.Cols, r.index())
	return dx
}
