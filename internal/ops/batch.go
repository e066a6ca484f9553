package ops

// Layout says how the word-vectors of a batch's sequences lie packed in the
// rows of a matrix: sequence s has the rows [Offsets[s], Offsets[s+1]), of which
// the first Real[s] hold real word-vectors and the rest padding. Length[s] is
// how many real word-vectors the sequence had before any were removed, and
// Positions has each row's in its sequence, as it was then.
type Layout struct {
	Offsets   []int
	Real      []int
	Length    []int
	Positions []int32
}

// Sequences is the number of sequences.
func (l *Layout) Sequences() int { return len(l.Real) }

// Rows is the number of rows of all sequences together.
func (l *Layout) Rows() int {
	if len(l.Offsets) == 0 {
		return 0
	}
	return l.Offsets[len(l.Offsets)-1]
}

// Bounds are the rows of sequence s and how many of them are real.
func (l *Layout) Bounds(s int) (from, to, real int) {
	return l.Offsets[s], l.Offsets[s+1], l.Real[s]
}

// Reset empties the layout, keeping its memory.
func (l *Layout) Reset() {
	l.Offsets, l.Real, l.Length, l.Positions = l.Offsets[:0], l.Real[:0], l.Length[:0], l.Positions[:0]
}

// Add appends a sequence of rows word-vectors, the first real of them real, left
// of length real ones.
func (l *Layout) Add(rows, real, length int) {
	for i := range rows {
		l.Positions = append(l.Positions, int32(i))
	}
	l.end(real, length)
}

// end makes a sequence of the rows whose positions were appended since the last.
func (l *Layout) end(real, length int) {
	if len(l.Offsets) == 0 {
		l.Offsets = append(l.Offsets, 0)
	}
	l.Offsets = append(l.Offsets, len(l.Positions))
	l.Real, l.Length = append(l.Real, real), append(l.Length, length)
}

// Batch is what one replica of the model reads at its next run. The ops hold a
// pointer to it: ids and lengths enter the graph through their state, so that
// one graph serves every batch.
type Batch struct {
	Layout
	Pad        *int32    // the id of padding, which positions do not count (arch.Embedding); nil: they count all, and it is 0
	IDs, Types []int32   // one per row
	Masked     []int32   // rows whose tokens are to be guessed, in masked-language modelling
	Labels     []int     // one per sequence; in masked-language modelling, one per masked row
	Teacher    []float64 // what a teacher says, logits or scores, (sequences, outputs); empty where none teaches
	Targets    []float64 // what is held against the outputs, (sequences, outputs): scores, or 1 for each label that a sequence has, else 0
	Weight     float64   // of each sequence's loss: 1 over the sequences of the optimiser step
	// LabelWeight is Weight where labels count unlike one another: 1 over the sum of their
	// weights over the optimiser step.
	LabelWeight float64
	Penalty     float64 // share of the regulariser that this run adds: 1 in one run of a step, 0 in the others
	Seed        uint64  // of this run's dropout masks
}

// Reset empties the batch, keeping its memory.
func (b *Batch) Reset() {
	b.Layout.Reset()
	b.IDs, b.Types = b.IDs[:0], b.Types[:0]
	b.Masked, b.Labels, b.Teacher = b.Masked[:0], b.Labels[:0], b.Teacher[:0]
	b.Targets = b.Targets[:0]
}

// AddSequence appends one encoded sequence, filled up to padTo rows with
// padding where it is shorter; padTo 0 adds none.
func (b *Batch) AddSequence(ids, types []int32, padTo, label int) {
	rows := max(len(ids), padTo)
	b.Add(rows, len(ids), len(ids))
	b.IDs = append(b.IDs, ids...)
	b.Types = append(b.Types, types...)
	padding := int32(0)
	if b.Pad != nil {
		padding = *b.Pad
	}
	for range rows - len(ids) {
		b.IDs = append(b.IDs, padding)
		b.Types = append(b.Types, 0)
	}
	b.Labels = append(b.Labels, label)
}

// counted is the position of each row as the embedding counts it, in the memory of to: of
// tokens other than Pad where there is one, from Pad+1 on, in each sequence.
func (b *Batch) counted(to []int32) []int32 {
	to = append(to[:0], b.Positions...)
	if b.Pad == nil {
		return to
	}
	for s := range b.Sequences() {
		last := *b.Pad
		from, end, _ := b.Bounds(s)
		for i := from; i < end; i++ {
			to[i] = *b.Pad
			if b.IDs[i] != *b.Pad {
				last++
				to[i] = last
			}
		}
	}
	return to
}
