package serve

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/powerbert/powerbert/data"
)

// A vllmRequest is the body of POST /classify, in the shape of vLLM's
// (ClassificationCompletionRequest in vllm/entrypoints).
type vllmRequest struct {
	Model string          `json:"model"` // default: the first
	Input json.RawMessage `json:"input"` // a text or a list of texts
}

// A vllmClass is what the model says of a text: probabilities of all labels in the order
// of their ids, or the scores of a regression.
type vllmClass struct {
	Index   int       `json:"index"`
	Label   string    `json:"label"` // "" of a regression
	Probs   []float32 `json:"probs"`
	Classes int       `json:"num_classes"`
}

// A vllmResponse answers it.
type vllmResponse struct {
	ID      string      `json:"id"`
	Object  string      `json:"object"`
	Created int64       `json:"created"` // in seconds since 1970
	Model   string      `json:"model"`
	Data    []vllmClass `json:"data"`
	Usage   vllmUsage   `json:"usage"`
}

// A vllmUsage is how many tokens the model read.
type vllmUsage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

// parseVLLM reads POST /classify.
func (s *Server) parseVLLM(r *http.Request, body []byte) (*predictRequest, error) {
	var request vllmRequest
	if err := decodeBody(body, &request); err != nil {
		return nil, err
	}
	h, err := s.models.named(request.Model)
	if err == nil {
		h, err = h.at(r, nil)
	}
	if err != nil {
		return nil, err
	}
	texts, err := s.vllmTexts(request.Input)
	if err != nil {
		return nil, err
	}
	id := "classify-" + requestID(r.Context())
	return &predictRequest{h, texts, true, func(answers []answer) any {
		response := vllmResponse{ID: id, Object: "list", Created: time.Now().Unix(), Model: h.name}
		for i, a := range answers {
			response.Data = append(response.Data, h.class(i, a))
			response.Usage.Prompt += a.tokens
		}
		response.Usage.Total = response.Usage.Prompt
		return response
	}}, nil
}

// vllmTexts reads "input": a text or a list of texts.
func (s *Server) vllmTexts(raw json.RawMessage) ([]text, error) {
	if raw == nil {
		return nil, errNoInput
	}
	list := []json.RawMessage{raw}
	if !isString(raw) && (json.Unmarshal(raw, &list) != nil || list == nil) {
		return nil, errInput
	}
	if err := s.few(len(list)); err != nil {
		return nil, err
	}
	texts := make([]text, len(list))
	for i, element := range list {
		var t string
		if !isString(element) || json.Unmarshal(element, &t) != nil {
			return nil, errInput
		}
		texts[i].Example = data.Example{Text: t}
	}
	return texts, nil
}

var errNoInput = fault{tokenizing, `the body has no "input": a text "a" or a list of texts ["a", "b", …]`}

var errInput = fault{tokenizing, `input is not a text "a" or a list of texts ["a", "b", …]`}

// class is what the model says of the text of a number.
func (h *hosted) class(index int, a answer) vllmClass {
	c := vllmClass{Index: index, Label: a.prediction.Label, Classes: len(h.labels)}
	if h.scored {
		c.Probs = a.prediction.Logits
		return c
	}
	for _, p := range a.prediction.Probabilities {
		c.Probs = append(c.Probs, float32(p))
	}
	return c
}
