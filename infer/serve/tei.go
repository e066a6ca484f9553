package serve

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// A teiRequest is the body of POST /predict, in the shape of
// text-embeddings-inference.
type teiRequest struct {
	Inputs              json.RawMessage `json:"inputs"`
	RawScores           bool            `json:"raw_scores"` // logits in place of probabilities
	Truncate            *bool           `json:"truncate"`   // default true
	TruncationDirection string          `json:"truncation_direction"`
	Budget              *float64        `json:"budget"` // of a model of several: the largest that costs no more
}

// A teiScore is what the model says of a text and a label, or the score of a
// regression under its name.
type teiScore struct {
	Score float32 `json:"score"`
	Label string  `json:"label"`
}

// parseTEI reads POST /predict: it asks for the scores of a text or a pair, the highest
// first, or a list of them for each of a batch.
func (s *Server) parseTEI(r *http.Request, body []byte) (*predictRequest, error) {
	var request teiRequest
	if err := decodeBody(body, &request); err != nil {
		return nil, err
	}
	if d := request.TruncationDirection; d != "" && !strings.EqualFold(d, "right") {
		return nil, faultf(tokenizing, "truncation_direction is %.100q, and texts are cut on the right alone", d)
	}
	h, err := s.requested(r)
	if err == nil {
		h, err = h.at(r, request.Budget)
	}
	if err != nil {
		return nil, err
	}
	texts, batch, err := s.teiTexts(request.Inputs)
	if err != nil {
		return nil, err
	}
	raw := request.RawScores
	return &predictRequest{h, texts, request.Truncate == nil || *request.Truncate, func(answers []answer) any {
		lists := make([][]teiScore, len(answers))
		for i, a := range answers {
			lists[i] = h.scores(a, raw)
		}
		if batch {
			return lists
		}
		return lists[0]
	}}, nil
}

// scores are those of all labels, the highest first, or those of a regression in the order
// of their ids.
func (h *hosted) scores(a answer, raw bool) []teiScore {
	list := make([]teiScore, len(h.labels))
	for i, label := range h.labels {
		list[i] = teiScore{a.prediction.Logits[i], label}
		if !h.scored && !raw {
			list[i].Score = float32(a.prediction.Probabilities[i])
		}
	}
	if h.scored { // each is a score of another thing
		return list
	}
	slices.SortStableFunc(list, func(a, b teiScore) int { return cmp.Compare(b.Score, a.Score) })
	return list
}

// teiTexts reads "inputs" as text-embeddings-inference does (PredictInput in
// router/src/http/types.rs): "a" and ["a"] are a text, ["a", "b"] is a pair, and
// [["a"], ["b", "c"]] is a batch of texts and pairs. What comes first in the list
// decides.
func (s *Server) teiTexts(raw json.RawMessage) (texts []text, batch bool, err error) {
	if raw == nil {
		return nil, false, errNoInputs
	}
	if isString(raw) {
		raw = slices.Concat(json.RawMessage("["), raw, json.RawMessage("]"))
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return nil, false, errInputs
	}
	if batch = list[0][0] == '['; !batch {
		list = []json.RawMessage{raw}
	}
	if err := s.few(len(list)); err != nil {
		return nil, false, err
	}
	for _, element := range list {
		t, ok := teiText(element)
		if !ok {
			return nil, false, errInputs
		}
		texts = append(texts, t)
	}
	return texts, batch, nil
}

// teiText reads a list of a text or a pair.
func teiText(raw json.RawMessage) (t text, ok bool) {
	var parts []json.RawMessage
	if json.Unmarshal(raw, &parts) != nil || len(parts) < 1 || len(parts) > 2 {
		return t, false
	}
	t.paired = len(parts) == 2
	for i, to := range []*string{&t.Text, &t.Pair}[:len(parts)] {
		if !isString(parts[i]) || json.Unmarshal(parts[i], to) != nil {
			return t, false
		}
	}
	return t, true
}

var errNoInputs = fault{tokenizing, `the body has no "inputs": a text "a", a pair of texts ["a", "b"], or a batch of texts and pairs [["a"], ["b", "c"], …]`}

var errInputs = fault{tokenizing, `inputs is not a text "a", a pair of texts ["a", "b"], or a batch of texts and pairs [["a"], ["b", "c"], …]`}

func isString(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }
