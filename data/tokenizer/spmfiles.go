package tokenizer

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// albertFile makes a tokenizer.json of ALBERT's spiece.model. Its pieces are cut as in
// the one that is published with ALBERT: words end at white space, and what SentencePiece
// calls user-defined symbols are pieces like others.
func albertFile(path string, s source) (*tokenizerJSON, error) {
	m, err := loadSPM(path)
	if err != nil || m.kind == bpeKind {
		return m.bpeFile(), err
	}
	steps := []stepJSON{replaceStep(patternJSON{String: "``"}, `"`), replaceStep(patternJSON{String: "''"}, `"`)}
	if !value(s.KeepAccents, false) {
		steps = append(steps, stepJSON{Type: "NFKD"}, stepJSON{Type: "StripAccents"})
	}
	if s.lower() {
		steps = append(steps, stepJSON{Type: "Lowercase"})
	}
	steps = append(append(steps, precompiled(m.charsmap)...), replaceStep(patternJSON{Regex: " {2,}"}, " "))
	t := unigramFile(m.albertScores(), int(min(m.unknown, math.MaxInt32)), sequence(steps...), true)
	t.PostProcessor, t.original = t.bert(s.names), m.content
	return t, nil
}

// xlmRobertaFile makes a tokenizer.json of XLM-R's sentencepiece.bpe.model: four special
// tokens come before the pieces, without the model's own three, and <mask> after them.
func xlmRobertaFile(path string, s source) (*tokenizerJSON, error) {
	m, err := loadSPM(path)
	if err != nil || m.kind == bpeKind {
		return m.bpeFile(), err
	}
	n := s.names
	vocab := []scored{{n.CLS.Content, 0}, {n.Pad.Content, 0}, {n.SEP.Content, 0}, {n.Unknown.Content, 0}}
	return m.xlmFile(s, append(vocab, m.scored()[min(3, len(m.pieces)):]...)), nil
}

// camembertFile makes a tokenizer.json of CamemBERT's sentencepiece.bpe.model: five
// tokens come before the pieces, of which the model's <s> and </s> count, without its
// unknown piece, and <mask> after them.
func camembertFile(path string, s source) (*tokenizerJSON, error) {
	m, err := loadSPM(path)
	if err != nil || m.kind == bpeKind {
		return m.bpeFile(), err
	}
	n := s.names
	vocab := []scored{{"<s>NOTUSED", 0}, {n.Pad.Content, 0}, {"</s>NOTUSED", 0}, {n.Unknown.Content, 0}, {"<unk>NOTUSED", -100}}
	return m.xlmFile(s, append(vocab, m.scored()[1:]...)), nil
}

// xlmFile is what XLM-R and CamemBERT share: the fourth piece is the unknown one, and
// the mask comes last.
func (m *spm) xlmFile(s source, vocab []scored) *tokenizerJSON {
	var steps *stepJSON
	if p := precompiled(m.charsmap); p != nil {
		steps = &p[0]
	}
	t := unigramFile(append(vocab, scored{s.names.Mask.Content, 0}), 3, steps, true)
	t.addNew(m.added())
	t.PostProcessor = t.roberta(s.names)
	return t
}

// added are the pieces that are found in a text as they stand.
func (m *spm) added() (list []AddedToken) {
	for id, p := range m.pieces {
		if p.kind == control || p.kind == userDefined {
			list = append(list, AddedToken{ID: int32(id), Content: p.piece, Special: p.kind == control})
		}
	}
	return list
}

// debertaV2File makes a tokenizer.json of the spm.model of DeBERTa-v2 and v3, as
// transformers 5 does.
func debertaV2File(path string, s source) (*tokenizerJSON, error) {
	m, err := loadSPM(path)
	if err != nil || m.kind == bpeKind {
		return m.bpeFile(), err
	}
	no, yes := false, true
	var steps []stepJSON
	if value(s.LowerCase, false) {
		steps = append(steps, stepJSON{Type: "Lowercase"})
	}
	steps = append(steps, replaceStep(patternJSON{Regex: `\s{2,}|[\n\r\t]`}, " "), stepJSON{Type: "NFC"}, stepJSON{Type: "Strip", Left: &no, Right: &yes})
	t := unigramFile(m.scored(), int(min(m.unknown, math.MaxInt32)), sequence(steps...), false)
	if value(s.SplitPunct, false) {
		t.PreTokenizer = &splitJSON{Type: "Sequence", Steps: []splitJSON{{Type: "Punctuation", Behavior: "Isolated"}, *t.PreTokenizer}}
	}
	t.addNew(append(m.added(), s.names.Mask))
	t.PostProcessor = t.bert(s.names)
	return t, nil
}

// loadSPM reads a SentencePiece model.
func loadSPM(path string) (*spm, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	m, err := readSPM(content)
	if err != nil {
		return nil, err
	}
	m.content = content
	return m, nil
}

// unigramFile is the tokenizer.json of scored pieces, whose words begin at spaces, or at
// all white space.
func unigramFile(vocab []scored, unknown int, normalizer *stepJSON, spaces bool) *tokenizerJSON {
	yes, no := true, false
	m := splitJSON{Type: "Metaspace", Replacement: meta, Scheme: "always", Split: &yes}
	t := &tokenizerJSON{Version: "1.0", Normalizer: normalizer, PreTokenizer: &m, Decoder: &m,
		Model: modelJSON{Type: "Unigram", UnkID: &unknown, ByteFallback: &no, Vocab: vocabulary{scored: true}}}
	if spaces {
		t.PreTokenizer = &splitJSON{Type: "Sequence", Steps: []splitJSON{{Type: "WhitespaceSplit"}, m}}
	}
	for id, p := range vocab {
		t.Model.Vocab.pieces = append(t.Model.Vocab.pieces, entry{p.piece, int32(id), p.score})
	}
	return t
}

// bert is the post-processor [CLS] a [SEP] b [SEP], nil if a token is missing.
func (t *tokenizerJSON) bert(n specials) *processorJSON {
	cls, sep, ok := t.ends(n)
	if !ok {
		return nil
	}
	return bertTemplate(n.CLS.Content, n.SEP.Content, cls, sep)
}

// bpeFile makes a tokenizer.json of a SentencePiece model of joined pieces (BPE), as
// transformers 5 does where no class knows it better; nil of nil.
func (m *spm) bpeFile() *tokenizerJSON {
	if m == nil {
		return nil
	}
	no, yes, unknown := false, true, m.pieces[min(m.unknown, uint64(len(m.pieces)-1))].piece
	steps := precompiled(m.charsmap)
	if !m.spaces {
		steps = append(steps, replaceStep(patternJSON{Regex: `\A +| +\z`}, ""), replaceStep(patternJSON{Regex: " {2,}"}, " "))
	}
	steps = append(steps, replaceStep(patternJSON{String: " "}, meta))
	t := &tokenizerJSON{Version: "1.0", Model: modelJSON{Type: "BPE", UnkToken: &unknown, FuseUnk: &yes, ByteFallback: &m.bytes, IgnoreMerges: &no, Merges: m.merges()}}
	if !m.noPrefix {
		steps = append(steps, replaceStep(patternJSON{Regex: `\A` + meta}, meta+meta))
		t.PreTokenizer = &splitJSON{Type: "Metaspace", Replacement: meta, Scheme: "always", Split: &no}
	}
	t.Normalizer = sequence(steps...)
	for id, p := range m.pieces {
		t.Model.Vocab.pieces = append(t.Model.Vocab.pieces, entry{piece: p.piece, id: int32(id)})
	}
	t.addNew(m.added())
	return t
}

// merges are the pairs of pieces that make a piece, those of the best score first.
func (m *spm) merges() merges {
	type ranked struct {
		score       float64
		id          int
		left, right string
	}
	ids := map[string]int{}
	for id, p := range m.pieces {
		if p.kind == normalPiece {
			ids[p.piece] = id
		}
	}
	var all []ranked
	for piece, id := range ids {
		for at := range piece {
			if at == 0 {
				continue
			}
			_, ok1 := ids[piece[:at]]
			_, ok2 := ids[piece[at:]]
			if ok1 && ok2 && utf8.RuneStart(piece[at]) {
				all = append(all, ranked{m.pieces[id].score, id, piece[:at], piece[at:]})
			}
		}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id), cmp.Compare(a.left, b.left))
	})
	list := make(merges, len(all))
	for i, r := range all {
		list[i] = [2]string{r.left, r.right}
	}
	return list
}
