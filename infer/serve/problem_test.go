package serve

import (
	"math"
	"net/http"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/problem"
)

// serverFor is a server of a tiny model for another problem.
func serverFor(t *testing.T, p problem.Kind, labels ...string) *Server {
	t.Helper()
	dir := t.TempDir()
	c := tiny(t, 2).Config
	c.SetProblem(p, labels)
	params := model.NewParams[float32](c)
	params.Init(3)
	if err := tiny(t, 2).Tokenizer.Save(dir); err != nil {
		t.Fatal(err)
	}
	if err := model.Save(dir, c, params); err != nil {
		t.Fatal(err)
	}
	m, err := infer.Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	s := New(m, Options{})
	t.Cleanup(s.Close)
	return s
}

// A regression answers with its score in both dialects.
func TestRegression(t *testing.T) {
	s := serverFor(t, problem.Regression, "stars")
	texts := reviews(3)
	said, err := s.sole().model.Classify(texts)
	if err != nil {
		t.Fatal(err)
	}
	var lists [][]teiScore
	decodeJSON(t, ask(s, "POST", "/predict", encodeJSON(t, map[string]any{"inputs": [][]string{texts[:1], texts[1:2], texts[2:]}})).Body.Bytes(), &lists)
	var response struct {
		Outputs []struct {
			Name, Datatype string
			Shape          []int
			Data           []float64
		}
	}
	body := encodeJSON(t, map[string]any{"inputs": []any{map[string]any{"name": "text", "datatype": "BYTES", "shape": []int{3}, "data": texts}}})
	decodeJSON(t, ask(s, "POST", "/v2/models/model/infer", body).Body.Bytes(), &response)
	if len(lists) != 3 || len(response.Outputs) != 1 || len(response.Outputs[0].Data) != 3 {
		t.Fatalf("got %v and %+v, want three scores each", lists, response)
	}
	if o := response.Outputs[0]; o.Name != "score" || o.Datatype != "FP32" || len(o.Shape) != 1 {
		t.Errorf("the output is %+v", o)
	}
	for i, want := range said {
		if got := lists[i]; len(got) != 1 || got[0].Label != "stars" || math.Abs(float64(got[0].Score)-want.Score) > 1e-4 {
			t.Errorf("text %d: %v, want %v", i, got, want.Score)
		}
		if got := response.Outputs[0].Data[i]; math.Abs(got-want.Score) > 1e-4 {
			t.Errorf("text %d: %v, want %v", i, got, want.Score)
		}
	}
	if got := ask(s, "GET", "/v2/models/model", "").Body.String(); got != `{"inputs":[{"name":"text","datatype":"BYTES","shape":[-1]}],"name":"model",`+
		`"outputs":[{"name":"score","datatype":"FP32","shape":[-1]}],"platform":"powerbert"}`+"\n" {
		t.Errorf("the model is %s", got)
	}
}

// A regression of several answers with all of its scores, in the order of their ids.
func TestSeveralScores(t *testing.T) {
	s := serverFor(t, problem.Regression, "valence", "arousal")
	texts := reviews(2)
	said, err := s.sole().model.Classify(texts)
	if err != nil {
		t.Fatal(err)
	}
	var list []teiScore
	decodeJSON(t, ask(s, "POST", "/predict", encodeJSON(t, map[string]any{"inputs": texts[0]})).Body.Bytes(), &list)
	var response struct {
		Outputs []struct {
			Shape []int
			Data  []float64
		}
	}
	body := encodeJSON(t, map[string]any{"inputs": []any{map[string]any{"name": "text", "datatype": "BYTES", "shape": []int{2}, "data": texts}}})
	decodeJSON(t, ask(s, "POST", "/v2/models/model/infer", body).Body.Bytes(), &response)
	if len(list) != 2 || len(response.Outputs) != 1 || !slices.Equal(response.Outputs[0].Shape, []int{2, 2}) || len(response.Outputs[0].Data) != 4 {
		t.Fatalf("got %v and %+v, want two scores of each text", list, response)
	}
	for k, name := range []string{"valence", "arousal"} {
		if want := said[0].Scores[k]; list[k].Label != name || math.Abs(float64(list[k].Score)-want) > 1e-4 || math.Abs(response.Outputs[0].Data[k]-want) > 1e-4 {
			t.Errorf("%s is %v and %v, want %v", name, list[k], response.Outputs[0].Data[k], want)
		}
		if want := said[1].Scores[k]; math.Abs(response.Outputs[0].Data[2+k]-want) > 1e-4 {
			t.Errorf("%s of the second text is %v, want %v", name, response.Outputs[0].Data[2+k], want)
		}
	}
}

// Labels by themselves have probabilities that add up to anything.
func TestLabelsByThemselves(t *testing.T) {
	s := serverFor(t, problem.MultiLabel, "toxic", "obscene", "threat")
	texts := reviews(1)
	said, err := s.sole().model.Classify(texts)
	if err != nil {
		t.Fatal(err)
	}
	var list []teiScore
	decodeJSON(t, ask(s, "POST", "/predict", encodeJSON(t, map[string]any{"inputs": texts[0]})).Body.Bytes(), &list)
	if len(list) != 3 || list[0].Label != said[0].Label || math.Abs(float64(list[0].Score)-said[0].Probability()) > 1e-4 || said[0].Probabilities[0] == 0 {
		t.Errorf("got %v, want %+v", list, said[0])
	}
}

// Requests have no place for options.
func TestMultipleChoiceIsRefused(t *testing.T) {
	s := serverFor(t, problem.MultipleChoice, "A", "B")
	w := ask(s, "POST", "/predict", `{"inputs": "a film"}`)
	if w.Code != http.StatusUnprocessableEntity ||
		w.Body.String() != `{"error":"the model chooses among the options of a question, which a request has no place for","error_type":"Tokenizer"}`+"\n" {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
	if _, err := s.predict(t.Context(), "someone", s.sole(), []data.Encoded{{IDs: []int32{1}}}); err == nil {
		t.Error("an example without options is answered")
	}
}
