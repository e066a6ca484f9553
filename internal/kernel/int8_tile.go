package kernel

import (
	"sync"
	"unsafe"
)

// int8Tile is what a kernel computes at a time and its assembly reads: rows by
// panels·cols elements of y. The distances of rows, ldx and ldy, are in bytes.
type int8Tile struct {
	rows    int
	panels  int // side by side; 1 unless the kernel is wide,
	cols    int // of so many columns
	steps   int // of the k loop
	x       *byte
	ldx     int
	w       *int8
	ahead   *byte // what to fetch meanwhile,
	pace    int   // so many bytes a step,
	leap    int   // for each panel so much further on
	y       *float32
	ldy     int
	zeros   *int32   // zero points of the rows
	scales  *float32 // of the rows
	sums    *int32   // of the weights of the columns
	factors *float32 // scales of the columns
	bias    *float32
	curve   *lanes   // of the activation; nil: there is none
	addend  *float32 // what is added to y, whose rows are ldadd bytes apart; nil: nothing. Not both
	ldadd   int
	work    *int8Work
}

// The largest tile of any kernel.
const (
	int8Rows = 32
	int8Cols = 32
)

// int8Work is the memory of one product under way.
type int8Work struct {
	tile int8Tile
	y    [int8Rows * int8Cols]float32 // the tile that goes over the last column
	bias [int8Cols]float32
	//lint:ignore U1000 the assembly of int8TileAMX knows it
	sums   [int8Rows * int8Cols]int32
	config [64]byte // of its tiles
}

// int8Works are those that no product uses.
var int8Works = sync.Pool{New: func() any { return new(int8Work) }}

// run computes a tile, activation and addend included.
func (k *int8Kernel) run(t *int8Tile) {
	k.tile(t)
	if t.addend != nil && !k.adds {
		t.add()
	}
	if t.curve != nil && k.curve != nil {
		k.curve(t)
	}
}

// add adds the addend to a tile that is computed.
func (t *int8Tile) add() {
	n := t.panels * t.cols
	for r := range t.rows {
		Add(unsafe.Slice(elem(t.y, r*t.ldy), n), unsafe.Slice(elem(t.addend, r*t.ldadd), n))
	}
}
