package ops

import "github.com/powerbert/powerbert/internal/kernel"

// Relative is a bias of attention scores by how far a key stands from a query in the text,
// whichever word-vectors are left between them.
type Relative struct {
	Table *Node   // (buckets, heads)
	Rows  []int32 // the row of Table by distance, key − query; that of 0 in the middle, those beyond as the nearest
}

// bias is Relative as attention computes it. Scores are still to be divided by scale,
// which is √d.
type bias[T kernel.Float] struct {
	rows  []int32
	heads int
	scale T
	table Mat[T]
	own   buffer[T]
	grad  Mat[T] // of table
}

// at is where the table has the bias of a head for a query and a key at these positions.
func (b *bias[T]) at(h int, query, key int32) int {
	furthest := int32(len(b.rows) / 2)
	distance := max(-furthest, min(key-query, furthest))
	return int(b.rows[distance+furthest])*b.heads + h
}

// add adds the bias of a head to scores (queries, keys) of word-vectors at these positions.
func (b *bias[T]) add(scores []T, h int, queries, keys []int32) {
	for i, query := range queries {
		for j, key := range keys {
			scores[i*len(keys)+j] += b.scale * b.table.Data[b.at(h, query, key)]
		}
	}
}

// adding adds, as add does, to scores of the queries from ≤ i < to of a sequence at these
// positions; nil: there is no bias.
func (b *bias[T]) adding(h int, at []int32) func(scores []T, from, to int) {
	if b == nil {
		return nil
	}
	return func(scores []T, from, to int) { b.add(scores, h, at[from:to], at) }
}

// begin starts the gradient of the table.
func (b *bias[T]) begin() {
	b.grad = b.own.mat(b.table.Rows, b.table.Cols)
	clear(b.grad.Data)
}

// learn adds the gradient of scores (queries, keys) of a head to that of the table.
func (b *bias[T]) learn(ds []T, h int, queries, keys []int32) {
	for i, query := range queries {
		for j, key := range keys {
			b.grad.Data[b.at(h, query, key)] += b.scale * ds[i*len(keys)+j]
		}
	}
}
