package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// vocabulary is the pieces of a model: an object {piece: id}, or of Unigram a list of
// pieces with their scores, [[piece, score], …], in the order of their ids. Ids may be
// left out, and a piece may be there twice: then its last id counts.
type vocabulary struct {
	pieces []entry
	scored bool
}

// entry is one piece.
type entry struct {
	piece string
	id    int32
	score float64
}

// mostIDs bounds the ids of a vocabulary: many times the largest one in use.
const mostIDs = 1 << 24

// listed is the vocabulary of pieces whose places are their ids; "" is no piece.
func listed(pieces []string) vocabulary {
	v := vocabulary{pieces: make([]entry, len(pieces))}
	for id, piece := range pieces {
		v.pieces[id] = entry{piece: piece, id: int32(id)}
	}
	return v
}

// ids are the ids by piece.
func (v vocabulary) ids() map[string]int32 {
	ids := make(map[string]int32, len(v.pieces))
	for _, e := range v.pieces {
		ids[e.piece] = e.id
	}
	return ids
}

// lines are the pieces in the order of their ids, "" where there is none. It reports
// false if one piece a line cannot say what the vocabulary is.
func (v vocabulary) lines() ([]string, bool) {
	var lines []string
	for _, e := range v.pieces {
		for int(e.id) >= len(lines) {
			lines = append(lines, "")
		}
		if lines[e.id] != "" || e.piece != strings.TrimRightFunc(e.piece, isSpace) || strings.ContainsAny(e.piece, "\r\n") {
			return nil, false
		}
		lines[e.id] = e.piece
	}
	return lines, true
}

// UnmarshalJSON reads either form.
func (v *vocabulary) UnmarshalJSON(content []byte) error {
	if content[0] == '[' {
		return v.readList(content)
	}
	items := json.NewDecoder(bytes.NewReader(content))
	if open, err := items.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("model.vocab is not an object")
	}
	for items.More() {
		e, err := nextEntry(items)
		if err != nil {
			return err
		}
		v.pieces = append(v.pieces, e)
	}
	return nil
}

func nextEntry(items *json.Decoder) (e entry, err error) {
	key, err := items.Token()
	if err != nil {
		return e, err
	}
	e.piece, _ = key.(string)
	var id int64
	if err := items.Decode(&id); err != nil {
		return e, fmt.Errorf("model.vocab: id of %q: %w", e.piece, jsonError(err))
	}
	if id < 0 || id >= mostIDs {
		return e, fmt.Errorf("model.vocab: %q has id %d, want 0 to %d", e.piece, id, mostIDs-1)
	}
	e.id = int32(id)
	return e, nil
}

func (v *vocabulary) readList(content []byte) error {
	var list []scored
	if err := json.Unmarshal(content, &list); err != nil {
		return err
	}
	v.scored = true
	for id, p := range list {
		v.pieces = append(v.pieces, entry{p.piece, int32(id), p.score})
	}
	return nil
}

// MarshalJSON writes the form that was read.
func (v vocabulary) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	open, end := byte('{'), byte('}')
	if v.scored {
		open, end = '[', ']'
	}
	out.WriteByte(open)
	first := true
	for _, e := range v.pieces {
		if e.piece == "" && !v.scored {
			continue
		}
		if !first {
			out.WriteByte(',')
		}
		first = false
		if err := e.write(&out, v.scored); err != nil {
			return nil, err
		}
	}
	out.WriteByte(end)
	return out.Bytes(), nil
}

func (e entry) write(out *bytes.Buffer, withScore bool) error {
	key, err := json.Marshal(e.piece)
	if err != nil {
		return err
	}
	if !withScore {
		fmt.Fprintf(out, "%s:%d", key, e.id)
		return nil
	}
	score, err := json.Marshal(e.score)
	fmt.Fprintf(out, "[%s,%s]", key, score)
	return err
}

// check reports a piece that cannot be one.
func (e entry) check() error {
	switch {
	case !utf8.ValidString(e.piece):
		return fmt.Errorf("piece %q is not UTF-8", e.piece)
	case math.IsNaN(e.score) || math.IsInf(e.score, 0):
		return fmt.Errorf("piece %q has the score %g, want a number", e.piece, e.score)
	}
	return nil
}

// A scored is a piece and its score, a logarithm of its probability.
type scored struct {
	piece string
	score float64
}

// UnmarshalJSON reads ["▁the", -3.07].
func (s *scored) UnmarshalJSON(content []byte) error {
	var pair []json.RawMessage
	if json.Unmarshal(content, &pair) != nil || len(pair) != 2 ||
		json.Unmarshal(pair[0], &s.piece) != nil || json.Unmarshal(pair[1], &s.score) != nil {
		return fmt.Errorf("model.vocab: %.40s, want a piece and its score, such as [\"▁the\", -3.07]", content)
	}
	return nil
}

// MarshalJSON writes ["▁the",-3.07].
func (s scored) MarshalJSON() ([]byte, error) { return json.Marshal([]any{s.piece, s.score}) }
