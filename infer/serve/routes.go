package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// An endpoint is what a path does: it returns the response, or the fault.
type endpoint func(r *http.Request) (any, error)

// routes is every path of the server, as openapi.json describes it.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, e endpoint) { mux.HandleFunc(pattern, s.respond(e)) }
	handle("POST /predict", s.answering(s.parseTEI))
	handle("POST /classify", s.answering(s.parseVLLM))
	handle("POST /v2/models/{name}/infer", s.answering(s.parseV2))
	handle("GET /v2/models/{name}", s.modelV2)
	handle("GET /v2/models/{name}/ready", s.modelReadyV2)
	handle("GET /v2", s.serverV2)
	handle("GET /v2/health/live", func(*http.Request) (any, error) { return map[string]bool{"live": true}, nil })
	handle("GET /v2/health/ready", s.ready)
	handle("GET /health", s.ready)
	handle("GET /openapi.json", s.describe)
	mux.Handle("GET /metrics", s.metrics.handler())
	return s.observed(s.guarded(s.known(mux)))
}

// known answers what no path of mux takes as every refusal is answered, and says what it
// takes.
func (s *Server) known(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		other, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		refused := headerRecorder{header: w.Header()}
		other.ServeHTTP(&refused, r)
		for _, name := range []string{"Content-Type", "X-Content-Type-Options"} {
			refused.header.Del(name)
		}
		s.respond(func(r *http.Request) (any, error) {
			if refused.code == http.StatusMethodNotAllowed {
				return nil, faultf(method, "%s takes %s, not %s", r.URL.Path, refused.header.Get("Allow"), r.Method)
			}
			return nil, faultf(unknown, "there is no path %.100q here; ask POST /predict, POST /classify or POST /v2/models/NAME/infer, and GET /openapi.json for all", r.URL.Path)
		})(w, r)
	})
}

// A headerRecorder is an answer of which code and header count.
type headerRecorder struct {
	header http.Header
	code   int
}

func (b *headerRecorder) Header() http.Header            { return b.header }
func (b *headerRecorder) WriteHeader(code int)           { b.code = code }
func (b *headerRecorder) Write(body []byte) (int, error) { return len(body), nil }

// ready says whether requests are welcome.
func (s *Server) ready(*http.Request) (any, error) {
	if s.draining.Load() {
		return nil, errDraining
	}
	return map[string]bool{"ready": true}, nil
}

// Headers of an answer: at which of its budgets a model has made it, and at which it would
// have without load.
const (
	budgetHeader  = "X-Budget"
	withoutHeader = "X-Budget-Without-Load"
)

// An atBudget is an answer, and the budget of the model that made it; 0: it has none.
type atBudget struct {
	answer any
	share  float64
	was    float64 // that it would have had without load; 0: the same
}

// header says so.
func (a *atBudget) header(to http.Header) {
	for name, share := range map[string]float64{budgetHeader: a.share, withoutHeader: a.was} {
		if share > 0 {
			to.Set(name, fmt.Sprint(share))
		}
	}
}

// respond writes what an endpoint returns.
func (s *Server) respond(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		response, err := e(r)
		if err != nil {
			if r.Context().Err() == nil { // or nobody is refused
				noteRefusal(w, err)
			}
			s.drops.after(w, r, func() { refuse(w, err) })
			return
		}
		if at, ok := response.(atBudget); ok {
			response = at.answer
			at.header(w.Header())
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
	w.Header().Set("Content-Length", strconv.Itoa(text.Len())) // so that it is whole before the request is
	w.WriteHeader(code)
	_, _ = w.Write(text.Bytes()) // a client that has gone wants none
}
