package arch

import "github.com/powerbert/powerbert/retention"

// A Pass is a run of a network over a batch.
type Pass struct {
	retention.Elimination
	Full  bool // every word-vector of the last encoder is wanted, not what the head reads alone
	Train bool // gradients follow
	// Inspect keeps, without gradients, what every encoder makes: a teacher's students
	// read it.
	Inspect bool
}

// A Reading says which results of an encoder are read: nothing else of what follows the
// attention probabilities need be computed.
type Reading int

// The readings.
const (
	ReadAll Reading = iota // all word-vectors that go on
	ReadCLS                // [CLS] alone, so that it needs no other query
	RankCLS                // [CLS] alone, ranked by the queries of all
)

// Reading is that of encoder j (0-based). The head of a classifier reads the last
// encoder's [CLS] alone, unless it takes their mean; what else that encoder kept could not
// change the outputs.
// Soft extraction ranks [CLS] among all the same.
func (n *Net) Reading(p *Pass, j int) Reading {
	switch {
	case j < len(n.Blocks)-1 || p.Full || n.Head.Masked || n.Head.Mean:
		return ReadAll
	case p.Soft:
		return RankCLS
	}
	return ReadCLS
}

// Rows is a sequence in one encoder.
type Rows struct {
	In, Out int // word-vectors that enter, and that go on
	Reading Reading
}

// Queries is how many word-vectors attend to those that enter.
func (r Rows) Queries() int {
	if r.Reading == ReadCLS {
		return 1
	}
	return r.In
}

// Rows follows a sequence of rows word-vectors, of which the first real are no padding,
// through the encoders.
func (n *Net) Rows(p *Pass, rows, real int) []Rows {
	all, in := make([]Rows, len(n.Blocks)), rows
	for j := range all {
		r := Rows{In: in, Out: in, Reading: n.Reading(p, j)}
		if p.Keep != nil {
			s := p.Scoring(j)
			r.Out = min(s.Rows(rows, real), in)
		}
		if r.Reading != ReadAll {
			r.Out = 1
		}
		all[j], in = r, r.Out
	}
	return all
}
