package serve

import (
	"encoding/json"
	"slices"
	"testing"
)

// Whatever the body is, the server answers with JSON and a code that says whose
// fault it is: never the model's.
func FuzzBody(f *testing.F) {
	s := server(f, Options{MaxBody: 4000, Name: "tiny"})
	for _, body := range []string{
		`{"inputs": "the film was good"}`, `{"inputs": ["a", "b"], "raw_scores": true}`, `{"inputs": [["a"], ["b", "c"]], "truncate": false}`,
		`{"inputs": ["\u0000\ud800", "\u202e"]}`, `{"inputs": [[[]]]}`, `{"inputs": 1e999}`, `{"inputs": NaN}`, `{"INPUTS": "a", "inputs": "b"}`,
		`{"id": "1", "inputs": [{"name": "text", "datatype": "BYTES", "shape": [2, 1], "data": [["a"], ["b"]]}], "outputs": [{"name": "label"}]}`,
		`{"inputs": [{"name": "text", "datatype": "BYTES", "shape": [-1], "data": []}]}`,
	} {
		f.Add([]byte(body), false)
		f.Add([]byte(body), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, v2 bool) {
		path := "/predict"
		if v2 {
			path = "/v2/models/tiny/infer"
		}
		w := ask(s, "POST", path, string(body))
		if !slices.Contains([]int{200, 400, 413, 422}, w.Code) || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code != 200 {
			var refusal struct{ Error string }
			if decodeJSON(t, w.Body.Bytes(), &refusal); refusal.Error == "" {
				t.Errorf("%d without an error: %s", w.Code, w.Body)
			}
		}
	})
}
