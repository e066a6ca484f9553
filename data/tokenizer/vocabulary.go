package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// vocabulary is an object {piece: id} whose ids are 0, 1, 2, … in any order.
type vocabulary []string

// UnmarshalJSON reads the object; ids that repeat or leave gaps are errors.
func (v *vocabulary) UnmarshalJSON(content []byte) error {
	ids := json.NewDecoder(bytes.NewReader(content))
	if open, err := ids.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("model.vocab is not an object")
	}
	var entries []entry
	for ids.More() {
		e, err := nextEntry(ids)
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	return v.fill(entries)
}

// entry is one piece and its id.
type entry struct {
	piece string
	id    int64
}

func nextEntry(ids *json.Decoder) (e entry, err error) {
	key, err := ids.Token()
	if err != nil {
		return e, err
	}
	e.piece, _ = key.(string)
	if err := ids.Decode(&e.id); err != nil {
		return e, fmt.Errorf("model.vocab: id of %q: %w", e.piece, jsonError(err))
	}
	return e, nil
}

// fill puts each piece in its place.
func (v *vocabulary) fill(entries []entry) error {
	*v = make(vocabulary, len(entries))
	filled := make([]bool, len(entries))
	for _, e := range entries {
		if e.id < 0 || e.id >= int64(len(entries)) {
			return fmt.Errorf("model.vocab: %q has id %d, want 0 to %d, one for each of the %d pieces", e.piece, e.id, len(entries)-1, len(entries))
		}
		if filled[e.id] {
			return fmt.Errorf("model.vocab: %q and %q both have id %d", (*v)[e.id], e.piece, e.id)
		}
		(*v)[e.id], filled[e.id] = e.piece, true
	}
	return nil
}

// MarshalJSON writes the object in the order of the ids.
func (v vocabulary) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for id, piece := range v {
		key, err := json.Marshal(piece)
		if err != nil {
			return nil, err
		}
		if id > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%s:%d", key, id)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
