package infer

import (
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
)

// Trace says which pieces of a text survive which encoder.
type Trace struct {
	Pieces     []string    `json:"pieces"`   // with [CLS] and [SEP]
	Survives   []int       `json:"survives"` // per piece: the encoders it lives through, 0 to L
	Standings  []Standing  `json:"-"`        // per piece
	Prediction Prediction  `json:"prediction"`
	Explained  []Explained `json:"-"` // of Explain: the words, with what each is to the prediction
	words      []tokenizer.Word
}

// Trace runs one text and follows its word-vectors. In the last encoder only
// [CLS] lives on where the head reads nothing else.
func (m *Model) Trace(text string) (*Trace, error) {
	if m.WantsPairs() {
		return nil, errSingle
	}
	set := &data.Set{Examples: []data.Example{{Text: text}}}
	return m.TraceEncoded(data.EncodeAs(set, m.Tokenizer, m.maxLength, m.Config.Window)[0])
}

// TraceEncoded is Trace of a text, or a pair of texts, that is encoded already. Of a
// question with options it follows the sequence of the option that is chosen; of a text in
// windows it follows the first, and the prediction is of all.
func (m *Model) TraceEncoded(example data.Encoded) (*Trace, error) {
	if example.Windows != nil {
		said, err := m.Predict([]data.Encoded{example})
		if err != nil {
			return nil, err
		}
		t, err := m.TraceEncoded(example.Windows[0])
		if err == nil {
			t.Prediction = said[0]
		}
		return t, err
	}
	if err := m.fits([]data.Encoded{example}); err != nil {
		return nil, err
	}
	n, err := m.net()
	if err != nil {
		return nil, err
	}
	defer m.pool().Put(n)
	if err := m.forward(n, []data.Encoded{example}, 0); err != nil {
		return nil, err
	}
	said, err := m.predict(problem.Tempered(predict.Rows(n, 1), m.Config.Temperature))
	if err != nil {
		return nil, err
	}
	t := &Trace{Prediction: said[0]}
	read, from := example, 0
	if example.Choices != nil {
		read, from = example.Choices[t.Prediction.Class], n.Batch.Offsets[t.Prediction.Class]
	}
	t.Survives = follow(n)[from : from+len(read.IDs)]
	t.Standings = standings(n)[from : from+len(read.IDs)]
	for _, id := range read.IDs {
		t.Pieces = append(t.Pieces, m.Tokenizer.Token(id))
	}
	t.words = m.Tokenizer.Words(read.IDs)
	return t, nil
}

// A Standing is how a piece did among those of its text, in the encoders that it entered and
// that scored what they keep.
type Standing struct {
	Ranks []int   // in the encoders from the first on: 1 has the highest score
	Score float64 // of the last of them, as search.score defines it
}

// standings looks up the ranks of each row of the network's last run. An encoder that does
// not score, as the last one where the head reads [CLS] alone, ends them.
func standings(n *model.Net[float32]) []Standing {
	list := make([]Standing, n.Batch.Rows())
	alive := identity(len(list))
	for _, e := range n.Encoders {
		s := e.Selection
		if !s.Scores() {
			return list
		}
		for i, p := range alive {
			list[p].Ranks, list[p].Score = append(list[p].Ranks, int(s.Rank[i])+1), float64(s.Sig[i])
		}
		if s.Removes() {
			alive = pick(alive, s.Kept)
		}
	}
	return list
}

// identity lists the rows 0 … n−1.
func identity(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// follow counts the encoders that each row of the network's last run lived through.
func follow(n *model.Net[float32]) []int {
	survives := make([]int, n.Batch.Rows())
	alive := identity(len(survives)) // first positions of the rows entering an encoder
	for j, e := range n.Encoders {
		if e.Selection.Removes() {
			alive = pick(alive, e.Selection.Kept)
		}
		for _, p := range alive {
			survives[p] = j + 1
		}
	}
	return survives
}

func pick(from, index []int32) []int32 {
	out := make([]int32, len(index))
	for i, k := range index {
		out[i] = from[k]
	}
	return out
}

// Words joins pieces to words: a piece that continues the one before it lives as
// long as the longest of them.
func (t *Trace) Words() (words []string, survives []int) {
	for _, w := range t.words {
		words, survives = append(words, w.Text), append(survives, slices.Max(t.Survives[w.Start:w.End]))
	}
	return words, survives
}

// WordStandings are those of the words that Words lists: of the piece that lives longest, and
// of several such the one with the highest score.
func (t *Trace) WordStandings() (list []Standing) {
	for _, w := range t.words {
		best := w.Start
		for i := w.Start + 1; i < w.End; i++ {
			if lived := t.Survives[i] - t.Survives[best]; lived > 0 || lived == 0 && t.Standings[i].Score > t.Standings[best].Score {
				best = i
			}
		}
		list = append(list, t.Standings[best])
	}
	return list
}
