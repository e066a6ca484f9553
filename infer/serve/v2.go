package serve

import (
	"encoding/json"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/powerbert/powerbert/data"
)

// A tensor of the Open Inference Protocol. In a request the data are read apart.
type tensor struct {
	Name     string `json:"name"`
	Datatype string `json:"datatype"`
	Shape    []int  `json:"shape"`
	Data     any    `json:"data,omitempty"`
}

// An inferRequest is the body of POST /v2/models/NAME/infer.
type inferRequest struct {
	ID     string       `json:"id"`
	Inputs [2]*struct { // one is wanted; JSON's further ones are passed over
		tensor
		Data json.RawMessage `json:"data"`
	} `json:"inputs"`
	Outputs []struct {
		Name string `json:"name"`
	} `json:"outputs"`
}

// An inferResponse answers it.
type inferResponse struct {
	Model   string   `json:"model_name"`
	ID      string   `json:"id,omitempty"`
	Outputs []tensor `json:"outputs"`
}

// serverV2 answers GET /v2.
func (s *Server) serverV2(*http.Request) (any, error) {
	return map[string]any{"name": "powerbert", "version": s.options.Version, "extensions": []string{}}, nil
}

// modelV2 answers GET /v2/models/NAME.
func (s *Server) modelV2(r *http.Request) (any, error) {
	h, err := s.requested(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"name":     h.name,
		"platform": "powerbert",
		"inputs":   []tensor{{Name: "text", Datatype: "BYTES", Shape: []int{-1}}},
		"outputs":  h.outputs(),
	}, nil
}

// outputs are those of the model, without data.
func (h *hosted) outputs() []tensor {
	if h.scored {
		return []tensor{{Name: scoreOutput, Datatype: "FP32", Shape: h.scoreShape(-1)}}
	}
	list := []tensor{
		{Name: labelOutput, Datatype: "BYTES", Shape: []int{-1}},
		{Name: probabilitiesOutput, Datatype: "FP32", Shape: []int{-1, len(h.labels)}},
	}
	if h.model.MultiLabel() {
		list = append(list, tensor{Name: labelsOutput, Datatype: "BYTES", Shape: []int{-1}})
	}
	return list
}

// modelReadyV2 answers GET /v2/models/NAME/ready.
func (s *Server) modelReadyV2(r *http.Request) (any, error) {
	h, err := s.requested(r)
	if err != nil {
		return nil, err
	}
	if _, err := s.ready(r); err != nil {
		return nil, err
	}
	return map[string]any{"name": h.name, "ready": true}, nil
}

// mostID is the most characters of the id of a request, which its answer repeats: fewer
// than are left of a string that shorten cuts.
const mostID = 128

// parseV2 reads POST /v2/models/NAME/infer: it asks for the label of each text and the
// probabilities of all labels, in the order of their ids, or the score.
func (s *Server) parseV2(r *http.Request, body []byte) (*predictRequest, error) {
	h, err := s.requested(r)
	if err == nil {
		h, err = h.at(r, nil)
	}
	if err != nil {
		return nil, err
	}
	var request inferRequest
	if err := decodeBody(body, &request); err != nil {
		return nil, err
	}
	if n := utf8.RuneCountInString(request.ID); n > mostID {
		return nil, faultf(malformed, "the id has %d characters, want at most %d", n, mostID)
	}
	texts, err := request.texts()
	if err != nil {
		return nil, err
	}
	wanted, err := request.wanted(h.outputs())
	if err != nil {
		return nil, err
	}
	id := request.ID
	return &predictRequest{h, texts, true, func(answers []answer) any {
		response := inferResponse{Model: h.name, ID: id}
		for _, name := range wanted {
			response.Outputs = append(response.Outputs, h.output(name, answers))
		}
		return response
	}}, nil
}

// The outputs of the model.
const (
	labelOutput         = "label"         // BYTES [n]
	probabilitiesOutput = "probabilities" // FP32 [n, classes]
	labelsOutput        = "labels"        // BYTES [n], of labels that are each by itself: JSON arrays of those that reach their thresholds
	scoreOutput         = "score"         // FP32 [n], of a regression; [n, scores] of one of several
)

// scoreShape is that of the scores of so many texts.
func (h *hosted) scoreShape(texts int) []int {
	if len(h.labels) == 1 {
		return []int{texts}
	}
	return []int{texts, len(h.labels)}
}

// output makes an output of the answers to n texts.
func (h *hosted) output(name string, answers []answer) tensor {
	switch name {
	case scoreOutput:
		var scores []float32
		for _, a := range answers {
			scores = append(scores, a.prediction.Logits...)
		}
		return tensor{name, "FP32", h.scoreShape(len(answers)), scores}
	case labelOutput:
		labels := make([]string, len(answers))
		for i, a := range answers {
			labels[i] = a.prediction.Label
		}
		return tensor{name, "BYTES", []int{len(answers)}, labels}
	case labelsOutput:
		lists := make([]string, len(answers))
		for i, a := range answers {
			list, _ := json.Marshal(append([]string{}, a.prediction.Labels...)) // texts
			lists[i] = string(list)
		}
		return tensor{name, "BYTES", []int{len(answers)}, lists}
	}
	var probabilities []float32
	for _, a := range answers {
		for _, p := range a.prediction.Probabilities {
			probabilities = append(probabilities, float32(p))
		}
	}
	return tensor{name, "FP32", []int{len(answers), len(h.labels)}, probabilities}
}

// texts reads the one input: "text", BYTES, [n] or [n, 1].
func (q *inferRequest) texts() ([]text, error) {
	in := q.Inputs[0]
	if in == nil || q.Inputs[1] != nil || in.Name != "text" {
		return nil, faultf(malformed, `inputs are not the one tensor "text"`)
	}
	if in.Datatype != "BYTES" {
		return nil, faultf(malformed, `the datatype of "text" is %q, want BYTES`, in.Datatype)
	}
	list, ok := flat(in.Data)
	if s := in.Shape; !ok || len(s) < 1 || len(s) > 2 || s[0] != len(list) || len(s) == 2 && s[1] != 1 {
		return nil, faultf(malformed, `"text" has the shape %v, want [n] or [n, 1] with n strings as data in JSON`, in.Shape)
	}
	texts := make([]text, len(list))
	for i, t := range list {
		texts[i].Example = data.Example{Text: t}
	}
	return texts, nil
}

// flat is the strings of a tensor, which may be nested as the shape [n, 1] is.
func flat(raw json.RawMessage) ([]string, bool) {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list, true
	}
	var nested [][]string
	err := json.Unmarshal(raw, &nested)
	return slices.Concat(nested...), err == nil
}

// wanted is the outputs that the request names, all of the model's where it names
// none.
func (q *inferRequest) wanted(outputs []tensor) ([]string, error) {
	var all, names []string
	for _, o := range outputs {
		all = append(all, o.Name)
	}
	if len(q.Outputs) == 0 {
		return all, nil
	}
	for _, o := range q.Outputs {
		if !slices.Contains(all, o.Name) {
			return nil, faultf(malformed, "there is no output %q", o.Name)
		}
		if slices.Contains(names, o.Name) { // the answer could become many times as large as the request
			return nil, faultf(malformed, "the output %q is asked for twice", o.Name)
		}
		names = append(names, o.Name)
	}
	return names, nil
}
