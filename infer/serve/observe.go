package serve

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

// clientGone stands for the answer to a client that did not wait for it.
const clientGone = 499

// observed counts, times and logs every request, gives it an id, and passes on what
// traces it.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id, trace := identify(r.Header)
		w.Header().Set("X-Request-Id", id)
		if trace != "" {
			w.Header().Set("Traceparent", trace)
		}
		seen := &statusRecorder{ResponseWriter: w, code: http.StatusOK, closing: &s.conns.ending}
		r = r.WithContext(context.WithValue(r.Context(), idKey{}, id))
		if r.Body != nil {
			r.Body = &countingBody{ReadCloser: r.Body}
		}
		defer func() { s.note(seen, r, time.Since(start), id, trace) }()
		next.ServeHTTP(seen, r)
	})
}

// note counts and logs an answered request. The route is the pattern that its path has,
// so that a stranger's paths make no metrics.
func (s *Server) note(seen *statusRecorder, r *http.Request, took time.Duration, id, trace string) {
	if r.Context().Err() != nil && seen.refused == "" {
		seen.code = clientGone
	}
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	s.metrics.request(route, seen.code, took)
	reason := seen.refused
	if reason == "" && seen.code >= 400 {
		reason = http.StatusText(seen.code) // "" of a client that has gone
	}
	if reason != "" {
		s.metrics.refusal(reason)
	}
	s.options.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "code", seen.code, "took", took,
		"from", r.RemoteAddr, "bytes", r.ContentLength, "refused", reason, "id", id, "trace", traceID(trace))
}

// idKey is under what a request's context has its id.
type idKey struct{}

// requestID is the id of a request.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// What others may call a request: nothing that a log or a header would trip over.
var (
	saneID = regexp.MustCompile(`^[A-Za-z0-9._:/=+-]{1,128}$`)
	parent = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[ -~]{1,100})?$`)
)

// identify is a request's id, a new one where it has none, and its W3C traceparent, ""
// where it has none or one that is not well-formed.
func identify(h http.Header) (id, trace string) {
	if id = h.Get("X-Request-Id"); !saneID.MatchString(id) {
		var random [16]byte
		_, _ = rand.Read(random[:]) // never fails
		id = hex.EncodeToString(random[:])
	}
	trace = h.Get("Traceparent")
	if !parent.MatchString(trace) || strings.HasPrefix(trace, "ff") ||
		trace[3:35] == strings.Repeat("0", 32) || trace[36:52] == strings.Repeat("0", 16) ||
		len(trace) > 55 && strings.HasPrefix(trace, "00") {
		trace = ""
	}
	return id, trace
}

// traceID is the trace that a traceparent belongs to.
func traceID(traceparent string) string {
	if traceparent == "" {
		return ""
	}
	return traceparent[3:35]
}

// A statusRecorder remembers the status of a response, and why it is none.
type statusRecorder struct {
	http.ResponseWriter
	code    int
	refused string       // the kind of the fault
	closing *atomic.Bool // the connection is to end with this answer
}

// WriteHeader notes the status and, where the server ends, tells the client to come back
// on another connection.
func (w *statusRecorder) WriteHeader(code int) {
	w.code = code
	if w.closing.Load() {
		w.Header().Set("Connection", "close")
	}
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// noteRefusal remembers why a request is refused.
func noteRefusal(w http.ResponseWriter, err error) {
	if seen, ok := w.(*statusRecorder); ok {
		seen.refused = string(faultOf(err).kind)
	}
}
