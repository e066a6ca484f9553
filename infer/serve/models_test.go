package serve

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/problem"
)

// /classify answers as vLLM does, by the model that is asked for.
func TestClassify(t *testing.T) {
	s := server(t, Options{Name: "first"})
	second := serverFor(t, problem.Regression, "stars")
	s.Put("second", second.sole().model)
	texts := reviews(2)
	want, err := s.sole().model.Classify(texts)
	if err != nil {
		t.Fatal(err)
	}
	var got vllmResponse
	decodeJSON(t, ask(s, "POST", "/classify", encodeJSON(t, map[string]any{"input": texts})).Body.Bytes(), &got)
	if got.Object != "list" || got.Model != "first" || !strings.HasPrefix(got.ID, "classify-") || len(got.Data) != 2 ||
		math.Abs(float64(time.Now().Unix()-got.Created)) > 60 {
		t.Fatalf("got %+v", got)
	}
	tokens := 0
	for i, class := range got.Data {
		tokens += len(s.sole().model.Tokenizer.Encode(texts[i], length).IDs)
		if class.Index != i || class.Label != want[i].Label || class.Classes != 3 || len(class.Probs) != 3 {
			t.Errorf("text %d: %+v, want %+v", i, class, want[i])
		}
		for k, p := range class.Probs {
			if math.Abs(float64(p)-want[i].Probabilities[k]) > 1e-4 {
				t.Errorf("text %d: probabilities %v, want %v", i, class.Probs, want[i].Probabilities)
			}
		}
	}
	if got.Usage != (vllmUsage{Prompt: tokens, Total: tokens}) {
		t.Errorf("usage %+v, want %d tokens", got.Usage, tokens)
	}
	score, err := second.sole().model.Classify(texts[:1])
	if err != nil {
		t.Fatal(err)
	}
	got = vllmResponse{}
	decodeJSON(t, ask(s, "POST", "/classify", encodeJSON(t, map[string]any{"model": "second", "input": texts[0]})).Body.Bytes(), &got)
	if len(got.Data) != 1 || len(got.Data[0].Probs) != 1 || math.Abs(float64(got.Data[0].Probs[0])-score[0].Score) > 1e-4 || got.Model != "second" {
		t.Errorf("the regression says %+v, want %v", got, score[0].Score)
	}
	for body, code := range map[string]int{`{}`: 422, `{"input": null}`: 422, `{"input": [1]}`: 422, `{"input": [["a"]]}`: 422, `{"input": []}`: 400,
		`{"input": [""]}`: 400, `{"model": "third", "input": "a"}`: 404, `{"input": [` + strings.Repeat(`"a",`, 32) + `"a"]}`: 413, `{`: 400} {
		if w := ask(s, "POST", "/classify", body); w.Code != code {
			t.Errorf("%s: %d %s, want %d", body, w.Code, w.Body, code)
		}
	}
}

// Every model has its name under /v2, and the first answers /predict.
func TestSeveralModels(t *testing.T) {
	s := server(t, Options{Name: "a"})
	s.Put("b", serverFor(t, problem.Regression, "stars").sole().model)
	body := `{"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["good"]}]}`
	for name, output := range map[string]string{"a": `"probabilities"`, "b": `"score"`} {
		for _, w := range []string{ask(s, "POST", "/v2/models/"+name+"/infer", body).Body.String(), ask(s, "GET", "/v2/models/"+name, "").Body.String()} {
			if !strings.Contains(w, output) || !strings.Contains(w, `"`+name+`"`) {
				t.Errorf("%s answers %s", name, w)
			}
		}
	}
	if w := ask(s, "GET", "/v2/models/c", ""); w.Code != 404 || !strings.Contains(w.Body.String(), `no model \"c\" here, only \"a\" \"b\"`) {
		t.Errorf("another model: %d %s", w.Code, w.Body)
	}
	if w := ask(s, "POST", "/predict", `{"inputs": "good"}`); !strings.Contains(w.Body.String(), "so so") {
		t.Errorf("the first model: %s", w.Body)
	}
}

// A model whose directory changes is replaced under requests that never fail; what cannot
// be opened leaves it as it was.
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "model")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("old")
	next := serverFor(t, problem.Regression, "stars").sole().model
	s := server(t, Options{Name: "m"})
	var opened atomic.Int64
	from := Source{"m", dir, func() (*infer.Model, error) {
		opened.Add(1)
		if text, _ := os.ReadFile(file); string(text) != "whole" {
			return nil, errors.New("half written")
		}
		return next, nil
	}}
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { s.Follow(ctx, from, 5*time.Millisecond) })
	defer wait.Wait()
	defer cancel()
	for range 3 {
		wait.Go(func() {
			for ctx.Err() == nil {
				if w := ask(s, "POST", "/predict", `{"inputs": "good"}`); w.Code != 200 {
					t.Errorf("while the model is replaced: %d %s", w.Code, w.Body)
				}
			}
		})
	}
	time.Sleep(30 * time.Millisecond)
	if opened.Load() != 0 {
		t.Error("it is opened again without need")
	}
	write("half")
	until(t, "it is looked at", func() bool { return opened.Load() == 1 })
	if w := ask(s, "GET", "/v2/models/m", ""); !strings.Contains(w.Body.String(), "probabilities") {
		t.Errorf("half a model took its place: %s", w.Body)
	}
	write("whole")
	until(t, "it is replaced", func() bool { return strings.Contains(ask(s, "GET", "/v2/models/m", "").Body.String(), "score") })
}

// openapi.json has every path and method of the server, and no other.
func TestDescriptionHasEveryPath(t *testing.T) {
	s := server(t, Options{Name: "m"})
	var described struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	w := ask(s, "GET", "/openapi.json", "")
	decodeJSON(t, w.Body.Bytes(), &described)
	if described.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %q", described.OpenAPI)
	}
	text, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	var routes, paths []string
	for line := range strings.Lines(string(text)) {
		if _, rest, ok := strings.Cut(line, `andle("`); ok {
			pattern, _, _ := strings.Cut(rest, `"`)
			routes = append(routes, pattern)
		}
	}
	for path, methods := range described.Paths {
		for _, method := range slices.Collect(maps.Keys(methods)) {
			if method != "parameters" {
				paths = append(paths, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(routes)
	slices.Sort(paths)
	if !slices.Equal(routes, paths) || len(routes) < 11 {
		t.Errorf("the description has %q, the server %q", paths, routes)
	}
	for _, pattern := range routes {
		method, path, _ := strings.Cut(pattern, " ")
		if w := ask(s, method, strings.ReplaceAll(path, "{name}", "m"), ""); w.Code == http.StatusNotFound || w.Code == http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", pattern, w.Code)
		}
	}
}
