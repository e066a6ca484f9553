package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// length is how many tokens texts are cut to.
const length = 22

// tiny is a classifier of random weights that removes word-vectors, with three
// labels and as many token types as told.
func tiny(t testing.TB, types int) *infer.Model {
	t.Helper()
	dir := t.TempDir()
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.TypeVocabSize = tok.Size(), 12, 2, 3, types
	c.IntermediateSize, c.MaxPositionEmbeddings, c.InitializerRange = 20, 64, 0.5
	c.PowerRetention = &retention.Configuration{MaxLength: length, Ranks: "relative", Keep: []int{13, 7}}
	c.SetLabels([]string{"bad", "so so", "good & <b>"})
	p := model.NewParams[float32](c)
	p.Init(3)
	if err := errors.Join(tok.Save(dir), model.Save(dir, c, p)); err != nil {
		t.Fatal(err)
	}
	m, err := infer.Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// server is a server of the tiny model that ends with the test.
func server(t testing.TB, o Options) *Server {
	t.Helper()
	s := New(tiny(t, 2), o)
	t.Cleanup(func() {
		if !t.Failed() { // an idle server would never end
			s.Close()
		}
	})
	return s
}

// sole is the server's first model.
func (s *Server) sole() *hosted {
	h, _ := s.models.named("") // there is one
	return h
}

// ask sends a request to a handler.
func ask(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

// reviews are n different texts.
func reviews(n int) []string {
	_, dev := data.DemoTask(data.DemoSize{Train: 1, Dev: n, Seed: 9})
	texts := make([]string, n)
	for i, e := range dev.Examples {
		texts[i] = e.Text
	}
	return texts
}

func encodeJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// batchOf is a body for /predict with so many texts.
func batchOf(t testing.TB, texts []string) string {
	t.Helper()
	var batch [][]string
	for _, text := range texts {
		batch = append(batch, []string{text})
	}
	return encodeJSON(t, map[string]any{"inputs": batch})
}

func decodeJSON(t testing.TB, text []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// checkScores wants the scores of a prediction, the highest first.
func checkScores(t testing.TB, m *infer.Model, got []teiScore, want infer.Prediction) {
	t.Helper()
	if len(got) != len(want.Probabilities) || got[0].Label != want.Label {
		t.Errorf("scores %v, want those of %v", got, want)
		return
	}
	for i, s := range got {
		class := m.Config.Label2ID[s.Label]
		if math.Abs(float64(s.Score)-want.Probabilities[class]) > 1e-4 || i > 0 && s.Score > got[i-1].Score {
			t.Errorf("scores %v, want those of %v, the highest first", got, want)
		}
	}
}

// Limits that are not given follow those that are.
func TestDefaults(t *testing.T) {
	o := Options{Queue: 4, Timeout: time.Second, MaxBody: 10}.defaults()
	if o.MaxInputs != 4 || o.HeaderTimeout != time.Second || o.Bodies != 160 {
		t.Errorf("%+v", o)
	}
	o = Options{MaxBody: 10, Bodies: 9}.defaults()
	if o.MaxInputs != 32 || o.HeaderTimeout != 10*time.Second || o.Bodies != 10 {
		t.Errorf("%+v", o)
	}
}

func TestPredictSaysWhatClassifySays(t *testing.T) {
	s := server(t, Options{MaxInputs: 100})
	texts := reviews(53)
	want, err := s.sole().model.Classify(texts)
	if err != nil {
		t.Fatal(err)
	}
	var lists [][]teiScore
	decodeJSON(t, ask(s, "POST", "/predict", batchOf(t, texts)).Body.Bytes(), &lists)
	if len(lists) != len(texts) {
		t.Fatalf("%d lists of %d texts", len(lists), len(texts))
	}
	for i, list := range lists {
		checkScores(t, s.sole().model, list, want[i])
	}
	var list []teiScore
	decodeJSON(t, ask(s, "POST", "/predict", encodeJSON(t, map[string]any{"inputs": texts[7]})).Body.Bytes(), &list)
	checkScores(t, s.sole().model, list, want[7])
}

// The shapes of inputs mean what they mean in text-embeddings-inference.
func TestPredictTakesTextsPairsAndBatches(t *testing.T) {
	s := server(t, Options{})
	one := func(text string) data.Encoded { return s.sole().model.Encode(data.Example{Text: text}, false) }
	two := func(a, b string) data.Encoded { return s.sole().model.Encode(data.Example{Text: a, Pair: b}, true) }
	for inputs, examples := range map[string][]data.Encoded{
		`"i loved it"`:                     {one("i loved it")},
		`["i loved it"]`:                   {one("i loved it")},
		`["i loved it", "he hated it"]`:    {two("i loved it", "he hated it")},
		` [ ["i loved it"]]`:               {one("i loved it")},
		`[["i loved it", "he hated it"]]`:  {two("i loved it", "he hated it")},
		`[["good", "bad"], ["so"], ["i"]]`: {two("good", "bad"), one("so"), one("i")},
	} {
		want, err := s.sole().model.Predict(examples)
		if err != nil {
			t.Fatal(err)
		}
		w := ask(s, "POST", "/predict", `{"inputs": `+inputs+`, "raw_scores": true}`)
		var lists [][]teiScore
		if strings.Contains(inputs, "[[") || strings.Contains(inputs, "[ [") {
			decodeJSON(t, w.Body.Bytes(), &lists)
		} else {
			lists = make([][]teiScore, 1)
			decodeJSON(t, w.Body.Bytes(), &lists[0])
		}
		if len(lists) != len(want) {
			t.Errorf("%s: %s, want %d lists", inputs, w.Body, len(want))
			continue
		}
		for i, list := range lists {
			for _, got := range list {
				if logit := want[i].Logits[s.sole().model.Config.Label2ID[got.Label]]; math.Abs(float64(got.Score-logit)) > 1e-3 {
					t.Errorf("%s, input %d: raw score %v, want the logit %v", inputs, i, got, logit)
				}
			}
		}
		if !strings.Contains(w.Body.String(), `"good & <b>"`) || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("the labels are written otherwise: %s", w.Body)
		}
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	s := server(t, Options{MaxInputs: 3, MaxBody: 1000, Name: "tiny"})
	single := New(tiny(t, 1), Options{})
	t.Cleanup(single.Close)
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	long := encodeJSON(t, strings.Repeat("good ", 30))
	v2 := func(rest string) string { return `{"inputs": [{"name": "text", ` + rest + `}]}` }
	for _, test := range []struct {
		name       string
		server     *Server
		path, body string
		code       int
		text       string
	}{
		{"huge body", s, "/predict", `{"inputs": "` + strings.Repeat("x", 1000) + `"}`, 413, "the body has more than 1000 bytes"},
		{"deep JSON", single, "/predict", `{"inputs": ` + deep + `}`, 400, "is not JSON"},
		{"deep JSON aside", single, "/predict", `{"inputs": "a", "x": ` + deep + `}`, 400, "is not JSON"},
		{"invalid UTF-8", s, "/predict", "{\"inputs\": \"na\xefve\"}", 400, "not valid UTF-8"},
		{"no body", s, "/predict", "", 400, "is not JSON"},
		{"half a body", s, "/predict", `{"inputs": "a"`, 400, "is not JSON"},
		{"two bodies", s, "/predict", `{"inputs": "a"}{}`, 400, "is not JSON"},
		{"no object", s, "/predict", `["a"]`, 422, "right shape"},
		{"no inputs", s, "/predict", `{"input": "a"}`, 422, `the body has no "inputs": a text`},
		{"no input", s, "/classify", `{"inputs": "a"}`, 422, `the body has no "input": a text`},
		{"null inputs", s, "/predict", `{"inputs": null}`, 422, "inputs is not a text"},
		{"a number", s, "/predict", `{"inputs": [1]}`, 422, "inputs is not a text"},
		{"a null in a pair", s, "/predict", `{"inputs": [["a", null]]}`, 422, "inputs is not a text"},
		{"three of a pair", s, "/predict", `{"inputs": [["a", "b", "c"]]}`, 422, "inputs is not a text"},
		{"none of a pair", s, "/predict", `{"inputs": [[]]}`, 422, "inputs is not a text"},
		{"a list too deep", s, "/predict", `{"inputs": [[["a"]]]}`, 422, "inputs is not a text"},
		{"three texts", s, "/predict", `{"inputs": ["a", "b", "c"]}`, 422, "inputs is not a text"},
		{"a batch in a pair", s, "/predict", `{"inputs": ["a", ["b"]]}`, 422, "inputs is not a text"},
		{"a text in a batch", s, "/predict", `{"inputs": [["a"], "b"]}`, 422, "inputs is not a text"},
		{"a flag that is none", s, "/predict", `{"inputs": "a", "raw_scores": 1}`, 422, "right shape: raw_scores is a JSON number"},
		{"no text", s, "/predict", `{"inputs": []}`, 422, "inputs is not a text"},
		{"an empty text", s, "/predict", `{"inputs": [["a"], [""]]}`, 400, "input 2 is empty"},
		{"a blank text", s, "/predict", `{"inputs": [["a"], [" \t\n"]]}`, 400, "input 2 is empty"},
		{"a blank input", s, "/classify", `{"input": ["a", "  "]}`, 400, "input 2 is empty"},
		{"a blank tensor", s, "/v2/models/tiny/infer", v2(`"datatype": "BYTES", "shape": [1], "data": ["\u00a0"]`), 400, "input 1 is empty"},
		{"too many texts", s, "/predict", `{"inputs": [["a"], ["b"], ["c"], ["d"]]}`, 413, "4 inputs are more than the 3"},
		{"too long", s, "/predict", `{"inputs": ` + long + `, "truncate": false}`, 413, "input 1 has 32 tokens, want at most 22"},
		{"cut on the left", s, "/predict", `{"inputs": "a", "truncation_direction": "Left"}`, 422, "on the right alone"},
		{"a pair for a model of one text", single, "/predict", `{"inputs": [["a", "b"]]}`, 422, "takes none"},

		{"another model", s, "/v2/models/other/infer", "{}", 404, `no model "other" here, only "tiny"`},
		{"no tensor", s, "/v2/models/tiny/infer", "{}", 400, "one tensor"},
		{"two tensors", s, "/v2/models/tiny/infer", `{"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a"]}, {"name": "x"}]}`, 400, "one tensor"},
		{"another tensor", s, "/v2/models/tiny/infer", `{"inputs": [{"name": "x"}]}`, 400, "one tensor"},
		{"another type", s, "/v2/models/tiny/infer", v2(`"datatype": "FP32", "shape": [1], "data": [1]`), 400, `"FP32", want BYTES`},
		{"another shape", s, "/v2/models/tiny/infer", v2(`"datatype": "BYTES", "shape": [2], "data": ["a"]`), 400, "has the shape [2]"},
		{"a row of texts", s, "/v2/models/tiny/infer", v2(`"datatype": "BYTES", "shape": [1, 2], "data": ["a", "b"]`), 400, "has the shape [1 2]"},
		{"no data", s, "/v2/models/tiny/infer", v2(`"datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 7}`), 400, "as data in JSON"},
		{"another output", s, "/v2/models/tiny/infer", `{"outputs": [{"name": "x"}], ` + v2(`"datatype": "BYTES", "shape": [1], "data": ["a"]`)[1:], 400, `no output "x"`},
		{"no texts", s, "/v2/models/tiny/infer", v2(`"datatype": "BYTES", "shape": [0], "data": []`), 400, "inputs is empty"},
	} {
		w := ask(test.server, "POST", test.path, test.body)
		var refusal struct{ Error, ErrorType string }
		_ = json.Unmarshal(w.Body.Bytes(), &refusal)
		if w.Code != test.code || !strings.Contains(refusal.Error, test.text) {
			t.Errorf("%s: %d %s, want %d %s", test.name, w.Code, w.Body, test.code, test.text)
		}
	}
	for path, code := range map[string]int{"/predict": 405, "/v2/models/other": 404, "/v2/models/other/ready": 404, "/": 404} {
		w := ask(s, "GET", path, "")
		var refusal struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &refusal); w.Code != code || err != nil || refusal.Error == "" {
			t.Errorf("GET %s: %d %s, want %d and why", path, w.Code, w.Body, code)
		}
	}
	if w := ask(s, "GET", "/predict", ""); w.Header().Get("Allow") != "POST" || !strings.Contains(w.Body.String(), "/predict takes POST, not GET") {
		t.Errorf("GET /predict: %v %s", w.Header(), w.Body)
	}
	if w := ask(s, "POST", "/predic", "{}"); !strings.Contains(w.Body.String(), `there is no path \"/predic\" here; ask POST /predict`) {
		t.Errorf("POST /predic: %s", w.Body)
	}
}

func TestTruncationIsTheDefault(t *testing.T) {
	s := server(t, Options{})
	long := strings.Repeat("good ", 30)
	if w := ask(s, "POST", "/predict", encodeJSON(t, map[string]any{"inputs": long, "truncation_direction": "Right"})); w.Code != 200 {
		t.Errorf("a long text: %d %s", w.Code, w.Body)
	}
	if w := ask(s, "POST", "/predict", encodeJSON(t, map[string]any{"inputs": "good", "truncate": false})); w.Code != 200 {
		t.Errorf("a short text, not to be cut: %d %s", w.Code, w.Body)
	}
}

func TestOpenInferenceProtocol(t *testing.T) {
	s := server(t, Options{Name: "tiny", Version: "v7"})
	for path, want := range map[string]string{
		"/v2":                   `{"extensions":[],"name":"powerbert","version":"v7"}`,
		"/v2/health/live":       `{"live":true}`,
		"/v2/health/ready":      `{"ready":true}`,
		"/health":               `{"ready":true}`,
		"/v2/models/tiny/ready": `{"name":"tiny","ready":true}`,
		"/v2/models/tiny": `{"inputs":[{"name":"text","datatype":"BYTES","shape":[-1]}],"name":"tiny",` +
			`"outputs":[{"name":"label","datatype":"BYTES","shape":[-1]},{"name":"probabilities","datatype":"FP32","shape":[-1,3]}],"platform":"powerbert"}`,
	} {
		if w := ask(s, "GET", path, ""); w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("GET %s: %d %s, want %s", path, w.Code, w.Body, want)
		}
	}

	texts := reviews(5)
	want, err := s.sole().model.Classify(texts)
	if err != nil {
		t.Fatal(err)
	}
	var nested [][]string
	for _, text := range texts {
		nested = append(nested, []string{text})
	}
	for _, input := range []map[string]any{
		{"name": "text", "datatype": "BYTES", "shape": []int{5}, "data": texts},
		{"name": "text", "datatype": "BYTES", "shape": []int{5, 1}, "data": nested},
	} {
		w := ask(s, "POST", "/v2/models/tiny/infer", encodeJSON(t, map[string]any{"id": "42", "inputs": []any{input}}))
		var got struct {
			Model   string `json:"model_name"`
			ID      string
			Outputs []struct {
				tensor
				Data json.RawMessage `json:"data"`
			}
		}
		decodeJSON(t, w.Body.Bytes(), &got)
		if got.Model != "tiny" || got.ID != "42" || len(got.Outputs) != 2 || fmt.Sprint(got.Outputs[1].Shape) != "[5 3]" {
			t.Fatalf("answer %s", w.Body)
		}
		var labels []string
		var probabilities []float64
		decodeJSON(t, got.Outputs[0].Data, &labels)
		decodeJSON(t, got.Outputs[1].Data, &probabilities)
		for i, p := range want {
			if labels[i] != p.Label {
				t.Errorf("text %d is %q, want %q", i, labels[i], p.Label)
			}
			for k, v := range p.Probabilities {
				if math.Abs(probabilities[3*i+k]-v) > 1e-4 {
					t.Errorf("text %d: probabilities %v, want %v", i, probabilities[3*i:3*i+3], p.Probabilities)
				}
			}
		}
	}
	w := ask(s, "POST", "/v2/models/tiny/infer", `{"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["good"]}], "outputs": [{"name": "label"}]}`)
	if body := w.Body.String(); !strings.Contains(body, `"label"`) || strings.Contains(body, "probabilities") {
		t.Errorf("only the label was wanted: %s", body)
	}
}

// Whoever asks, alone or with others, gets the same answer.
func TestManyRequestsAtOnce(t *testing.T) {
	s := server(t, Options{BatchTokens: 100})
	texts := reviews(40)
	want, err := s.sole().model.Classify(texts)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for client := range 8 {
		wait.Go(func() {
			for i := client; i < len(texts); i += 3 {
				w := ask(s, "POST", "/predict", batchOf(t, texts[i:i+1]))
				var lists [][]teiScore
				if err := json.Unmarshal(w.Body.Bytes(), &lists); err != nil || len(lists) != 1 {
					t.Errorf("text %d: %s", i, w.Body)
					return
				}
				checkScores(t, s.sole().model, lists[0], want[i])
			}
		})
	}
	wait.Wait()
	for _, line := range []string{`powerbert_requests_total{code="200",route="POST /predict"} 100`, "powerbert_queue_texts 0", "powerbert_batch_texts_sum 100", "go_goroutines"} {
		if w := ask(s, "GET", "/metrics", ""); !strings.Contains(w.Body.String(), line) {
			t.Errorf("the metrics lack %s:\n%s", line, w.Body)
		}
	}
}

// idle is a server whose queue nobody works on.
func idle(t *testing.T, o Options) *Server {
	s := server(t, o)
	s.Close()
	s.draining.Store(false)
	s.queue.closed = false
	s.workers = make(chan struct{})
	return s
}

// resume ends the idleness of a server.
func (s *Server) resume() { go s.work(2) }

func TestAFullQueueRefuses(t *testing.T) {
	s := idle(t, Options{Queue: 3, MaxInputs: 2})
	codes := make(chan int, 1)
	go func() { codes <- ask(s, "POST", "/predict", `{"inputs": [["a"], ["b"]]}`).Code }()
	for s.queue.len() < 2 {
		time.Sleep(time.Millisecond)
	}
	w := ask(s, "POST", "/predict", `{"inputs": [["c"], ["d"]]}`)
	if w.Code != 429 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"error_type":"Overloaded"`) {
		t.Errorf("two more texts than find room: %d %s", w.Code, w.Body)
	}
	s.resume()
	if code := <-codes; code != 200 {
		t.Errorf("the texts that found room: %d", code)
	}
	if w := ask(s, "POST", "/predict", `{"inputs": [["c"], ["d"]]}`); w.Code != 200 {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
}

func TestAnAnswerThatTakesTooLong(t *testing.T) {
	s := idle(t, Options{Timeout: 20 * time.Millisecond})
	w := ask(s, "POST", "/predict", `{"inputs": "good"}`)
	if w.Code != 503 || !strings.Contains(w.Body.String(), "took too long") {
		t.Errorf("nobody works: %d %s", w.Code, w.Body)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.ServeHTTP(w, r.WithContext(gone)) }), "POST", "/predict", `{"inputs": "good"}`)
	s.resume()
	s.Close()
	metrics := ask(s, "GET", "/metrics", "").Body.String()
	if !strings.Contains(metrics, "powerbert_batch_texts_count 0") {
		t.Error("the model ran for those who did not wait")
	}
	if !strings.Contains(metrics, `code="499"`) {
		t.Error("a client that went away is not counted as such")
	}
}

// A text that the model cannot take spoils no other.
func TestABadTextSpoilsNoOther(t *testing.T) {
	s := idle(t, Options{})
	good := s.sole().model.Encode(data.Example{Text: "good"}, false)
	bad := data.Encoded{IDs: []int32{2, 1 << 20, 3}, Types: []int32{0, 0, 0}}
	var wait sync.WaitGroup
	for _, e := range []data.Encoded{good, bad, good} {
		wait.Go(func() {
			_, err := s.predict(t.Context(), "someone", s.sole(), []data.Encoded{e})
			if failed := err != nil; failed != (len(e.IDs) > 1 && e.IDs[1] == 1<<20) {
				t.Errorf("%v: %v", e.IDs, err)
			}
		})
	}
	for s.queue.len() < 3 {
		time.Sleep(time.Millisecond)
	}
	s.resume()
	wait.Wait()
}

// serving runs Serve on a port of its own until stop is called, which returns its
// error.
func serving(t *testing.T, s *Server) (address string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	return l.Addr().String(), func() error { cancel(); return <-ended }
}

func TestASlowClientIsCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := server(t, Options{Timeout: 100 * time.Millisecond})
	address, stop := serving(t, s)
	for name, sent := range map[string]string{
		"half a header": "POST /predict HTTP/1.1\r\nHost: x\r\n",
		"half a body":   "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"inp",
	} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, sent)
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		answer, err := io.ReadAll(c)
		if err != nil {
			t.Errorf("%s: the connection stays open: %v", name, err)
		}
		if name == "half a body" && !bytes.Contains(answer, []byte("408")) {
			t.Errorf("%s: %s", name, answer)
		}
		c.Close()
	}
	if err := stop(); err != nil {
		t.Errorf("the server ends with %v", err)
	}
}

// Every request that has begun when the server is told to end is answered.
func TestShutdownLosesNothing(t *testing.T) {
	s := idle(t, Options{})
	address, stop := serving(t, s)
	const clients = 9
	codes := make(chan int, clients)
	for range clients {
		go func() {
			r, err := http.Post("http://"+address+"/predict", "application/json", strings.NewReader(`{"inputs": "good"}`))
			if err != nil {
				t.Error(err)
				codes <- 0
				return
			}
			defer r.Body.Close()
			codes <- r.StatusCode
		}()
	}
	for s.queue.len() < clients {
		time.Sleep(time.Millisecond)
	}
	// One more whose body is still on its way.
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	body := `{"inputs": "good"}`
	fmt.Fprintf(c, "POST /predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	reader := bufio.NewReader(c)
	if line, err := reader.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("%q, %v, want the server to wait for the body", line, err)
	}
	_, _ = reader.ReadString('\n')

	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	for !s.draining.Load() {
		time.Sleep(time.Millisecond)
	}
	for path, code := range map[string]int{"/health": 503, "/v2/health/ready": 503, "/v2/models/model/ready": 503, "/v2/health/live": 200} {
		if w := ask(s, "GET", path, ""); w.Code != code {
			t.Errorf("GET %s: %d, want %d", path, w.Code, code)
		}
	}
	fmt.Fprint(c, body)
	s.resume()
	for range clients {
		if code := <-codes; code != 200 {
			t.Errorf("a request that had begun: %d", code)
		}
	}
	if line, err := reader.ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("the request whose body came late: %q, %v", line, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the server ends with %v", err)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("the server still listens")
	}
}

func TestServeReturnsWhatStopsIt(t *testing.T) {
	s := server(t, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := s.Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed listener: %v", err)
	}
	if w := ask(s, "POST", "/predict", `{"inputs": "good"}`); w.Code != 503 {
		t.Errorf("afterwards: %d", w.Code)
	}
}

func TestAccessesAreLoggedAtDebug(t *testing.T) {
	var log bytes.Buffer
	s := server(t, Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	ask(s, "POST", "/predict", `{"inputs": 1}`)
	if line := log.String(); !strings.Contains(line, "level=DEBUG msg=request method=POST path=/predict code=422 took=") {
		t.Errorf("log %q", line)
	}
}
