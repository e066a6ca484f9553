package tokenizer

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Unigram is a vocabulary of scored pieces, as SentencePiece learns it: a word is
// cut into the pieces whose scores add up to the most (Kudo 2018, arXiv 1804.10959).
// It is made by Load. Its ids are those of Hugging Face's AlbertTokenizerFast.
type Unigram struct {
	core
	scores   []float64 // by id
	pieces   *trie
	least    float64 // score of an unknown character
	opt      unigramOptions
	steps    []step
	original []byte // spiece.model, where it was read; to be saved again
}

// unigramOptions are the settings of a Unigram.
type unigramOptions struct {
	unknown    int      // id
	cls, sep   string   // "" means "[CLS]", "[SEP]"
	normalizer stepJSON // steps in their order
	spaces     bool     // words also end at any white space, which is dropped
	added      []AddedToken
}

// A scored is a piece and its score, a logarithm of its probability.
type scored struct {
	piece string
	score float64
}

// meta stands for a space at the beginning of a word.
const meta = "▁"

// unknownPenalty is how much worse than the worst piece an unknown character is.
const unknownPenalty = 10

func newUnigram(vocab []scored, opt unigramOptions) (*Unigram, error) {
	u := &Unigram{opt: opt, least: math.Inf(1), pieces: newTrie(len(vocab))}
	u.core = newCore(u, len(vocab))
	u.pad = "<pad>"
	for id, p := range vocab {
		if err := u.add(p.piece); err != nil {
			return nil, err
		}
		if math.IsNaN(p.score) || math.IsInf(p.score, 0) {
			return nil, fmt.Errorf("piece %q has the score %g, want a number", p.piece, p.score)
		}
		u.scores = append(u.scores, p.score)
		u.least = min(u.least, p.score-unknownPenalty)
		u.pieces.add(p.piece, int32(id))
	}
	if err := u.prepare(); err != nil {
		return nil, err
	}
	return u, nil
}

func (u *Unigram) prepare() error {
	if u.opt.unknown < 0 || u.opt.unknown >= len(u.tokens) {
		return fmt.Errorf("the unknown piece has id %d, want 0 to %d", u.opt.unknown, len(u.tokens)-1)
	}
	name := func(s *string, otherwise string) {
		if *s == "" {
			*s = otherwise
		}
	}
	name(&u.opt.cls, "[CLS]")
	name(&u.opt.sep, "[SEP]")
	if u.opt.added == nil {
		u.opt.added = u.standard()
	}
	if err := u.addTokens(u.opt.added); err != nil {
		return err
	}
	if err := u.findSpecial("an ALBERT", u.tokens[u.opt.unknown], u.opt.cls, u.opt.sep); err != nil {
		return err
	}
	var err error
	if u.steps, err = u.opt.normalizer.compile(); err != nil {
		return err
	}
	return u.match()
}

// standard are ALBERT's special tokens that the vocabulary has. [MASK] takes the
// space before it along.
func (u *Unigram) standard() []AddedToken {
	list := u.standardTokens(u.pad, u.tokens[u.opt.unknown], u.opt.cls, u.opt.sep, "[MASK]")
	for i := range list {
		list[i].LStrip = list[i].Content == "[MASK]"
	}
	return list
}

func (u *Unigram) normalize(s *scratch, text string) []byte {
	s.text = append(s.text[:0], text...)
	if !utf8.Valid(s.text) {
		s.text = bytes.ToValidUTF8(s.text, []byte("\uFFFD"))
	}
	for _, f := range u.steps {
		s.other = f(s, s.other[:0], s.text)
		s.text, s.other = s.other, s.text
	}
	return s.text
}

func (u *Unigram) words(p *pieces, text []byte) {
	if !u.opt.spaces {
		u.stretch(p, text)
		return
	}
	for word := range bytes.FieldsSeq(text) {
		u.stretch(p, word)
	}
}

// stretch cuts up text in which every space begins a word, and so does its start.
func (u *Unigram) stretch(p *pieces, text []byte) {
	if len(text) == 0 {
		return
	}
	m := p.meta[:0]
	if text[0] != ' ' && !bytes.HasPrefix(text, []byte(meta)) {
		m = append(m, meta...)
	}
	for _, c := range text {
		if c == ' ' {
			m = append(m, meta...)
		} else {
			m = append(m, c)
		}
	}
	for p.meta = m; len(m) > 0; {
		end := len(m)
		if i := bytes.Index(m[1:], []byte(meta)); i >= 0 {
			end = i + 1
		}
		u.best(p, m[:end])
		p.wordEnds()
		m = m[end:]
	}
}

// bestPath is the best way to cut a word up to some place: its last piece.
type bestPath struct {
	score float64
	from  int // where the piece begins; -1: there is no way yet
	id    int32
}

// best appends the pieces of the best cut of a word; of two that are equally good
// the one found first, with the pieces from left to right and the shorter ones
// first. Unknown characters in a row are one unknown piece.
func (u *Unigram) best(p *pieces, word []byte) {
	paths := slices.Grow(p.paths[:0], len(word)+1)[:len(word)+1]
	for i := range paths {
		paths[i] = bestPath{from: -1}
	}
	for at := 0; at < len(word); {
		_, size := utf8.DecodeRune(word[at:])
		single := false
		offer := func(end int, score float64, id int32) {
			if score += paths[at].score; paths[end].from < 0 || score > paths[end].score {
				paths[end] = bestPath{score, at, id}
			}
		}
		u.pieces.prefixes(word[at:], func(n int, id int32) {
			offer(at+n, u.scores[id], id)
			single = single || n == size
		})
		if !single {
			offer(at+size, u.least, u.unknown)
		}
		at += size
	}
	p.paths = paths
	u.trace(p, word)
}

// trace appends the ids of p.paths, from the end of the word back.
func (u *Unigram) trace(p *pieces, word []byte) {
	p.cuts = p.cuts[:0]
	for end := len(word); end > 0; {
		path := p.paths[end]
		start := path.from
		if path.id == u.unknown {
			for start > 0 && p.paths[start].id == u.unknown {
				start = p.paths[start].from
			}
			if id, ok := u.ids[string(word[start:end])]; ok && int(id) < len(u.scores) {
				path.id = id
			}
		}
		p.cuts = append(p.cuts, path.id)
		end = start
	}
	for _, id := range slices.Backward(p.cuts) {
		p.ids = append(p.ids, id)
	}
}

// Continues reports whether a piece goes on with the word before it, as the unknown
// piece does: it stands for characters.
func (u *Unigram) Continues(id int32) bool {
	_, added := u.added[id]
	return id == u.unknown || !added && !strings.HasPrefix(u.Token(id), meta)
}

// Words groups the pieces of an encoding into words for display: a piece that
// begins with "▁" begins a word.
func (u *Unigram) Words(ids []int32) []Word {
	text := func(id int32) string { return strings.TrimPrefix(u.Token(id), meta) }
	return u.group(ids, u.Continues, text, text)
}
