package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/powerbert/powerbert/data"
)

// An endpoint is what a path does: it returns the response, or the fault.
type endpoint func(r *http.Request) (any, error)

// routes is every path of the server.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, e endpoint) { mux.Handle(pattern, s.observed(pattern, respond(e))) }
	handle("POST /predict", s.accept(s.predictTEI))
	handle("POST /v2/models/{name}/infer", s.accept(s.named(s.inferV2)))
	handle("GET /v2/models/{name}", s.named(s.modelV2))
	handle("GET /v2/models/{name}/ready", s.named(s.modelReadyV2))
	handle("GET /v2", s.serverV2)
	handle("GET /v2/health/live", func(*http.Request) (any, error) { return map[string]bool{"live": true}, nil })
	handle("GET /v2/health/ready", s.ready)
	handle("GET /health", s.ready)
	mux.Handle("GET /metrics", s.metrics.handler())
	return mux
}

// ready says whether requests are welcome.
func (s *Server) ready(*http.Request) (any, error) {
	if s.draining.Load() {
		return nil, errDraining
	}
	return map[string]bool{"ready": true}, nil
}

// accept begins no request when the server is about to end.
func (s *Server) accept(e endpoint) endpoint {
	return func(r *http.Request) (any, error) {
		if s.draining.Load() {
			return nil, errDraining
		}
		return e(r)
	}
}

// respond writes what an endpoint returns.
func respond(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		response, err := e(r)
		if err != nil {
			refuse(w, err)
			return
		}
		writeJSON(w, http.StatusOK, response)
	}
}

// writeJSON writes a response whole: a value that JSON cannot hold, as NaN, is a
// fault of the model.
func writeJSON(w http.ResponseWriter, code int, response any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(response); err != nil {
		refuse(w, faultf(backend, "the prediction is no number"))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(text.Bytes()) // a client that has gone wants none
}

// observed counts, times and logs the requests of a route.
func (s *Server) observed(route string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		r.Body = http.MaxBytesReader(w, r.Body, s.options.MaxBody)
		seen := &watched{ResponseWriter: w, code: http.StatusOK}
		h.ServeHTTP(seen, r)
		if r.Context().Err() != nil {
			seen.code = clientGone
		}
		took := time.Since(start)
		s.metrics.request(route, seen.code, took)
		s.options.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "code", seen.code, "took", took, "from", r.RemoteAddr)
	})
}

// clientGone stands for the answer to a client that did not wait for it.
const clientGone = 499

// watched remembers the status of a response.
type watched struct {
	http.ResponseWriter
	code int
}

func (w *watched) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// readJSON reads a body into v, whose fields decide nothing but their types.
func readJSON(r *http.Request, v any) error {
	if err := checkEncoding(r.Header); err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return readFault(err)
	}
	if !utf8.Valid(body) {
		return faultf(malformed, "the body is not valid UTF-8")
	}
	if err := json.Unmarshal(body, v); err != nil && json.Valid(body) {
		return faultf(tokenizing, "the body does not have the right shape: %v", err)
	} else if err != nil {
		return faultf(malformed, "the body is not JSON: %v", err)
	}
	return nil
}

// checkEncoding refuses a body that is compressed: MaxBody bounds what arrives, not
// what that grows to.
func checkEncoding(h http.Header) error {
	for _, encoding := range h.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return faultf(encoded, "the body has the Content-Encoding %.40q, want none", encoding)
		}
	}
	return nil
}

// A text of a request.
type text struct {
	data.Example
	paired bool
}

// encode turns the texts of a request into what the model reads. Those that would
// be cut are refused unless truncate.
func (s *Server) encode(texts []text, truncate bool) ([]data.Encoded, error) {
	if err := s.check(texts); err != nil {
		return nil, err
	}
	examples := make([]data.Encoded, len(texts))
	for i, t := range texts {
		examples[i] = s.model.Encode(t.Example, t.paired)
		if e := examples[i]; e.Cut > 0 && !truncate {
			return nil, faultf(validation, "input %d has %d tokens, want at most %d, or leave it to truncate", i+1, len(e.IDs)+e.Cut, s.model.MaxLength())
		}
	}
	return examples, nil
}

// check refuses texts before any work goes into them.
func (s *Server) check(texts []text) error {
	if s.model.Chooses() {
		return faultf(tokenizing, "the model chooses among the options of a question, which a request has no place for")
	}
	if len(texts) == 0 {
		return faultf(empty, "inputs is empty, want a text")
	}
	if err := s.few(len(texts)); err != nil {
		return err
	}
	for i, t := range texts {
		if t.Text == "" {
			return faultf(empty, "input %d is empty, want a text", i+1)
		}
		if t.paired && !s.model.TakesPairs() {
			return faultf(tokenizing, "input %d is a pair, and the model takes none", i+1)
		}
		if !t.paired && s.model.WantsPairs() {
			return faultf(tokenizing, "input %d is one text, and the model was trained on pairs; want two, as [\"a text\", \"another\"]", i+1)
		}
	}
	return nil
}

// few refuses more texts than a request may have.
func (s *Server) few(texts int) error {
	if most := s.options.MaxInputs; texts > most {
		return faultf(validation, "%d inputs are more than the %d that a request may have", texts, most)
	}
	return nil
}
