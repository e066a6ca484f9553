package serve

import (
	"errors"
	"fmt"
	"net/http"
	"os"
)

// A kind of fault, and the names that text-embeddings-inference has for them.
type kind string

const (
	validation   kind = "Validation"   // a request that is too large
	empty        kind = "Empty"        // nothing to predict
	tokenizing   kind = "Tokenizer"    // a request that does not make sense
	malformed    kind = "Malformed"    // not JSON
	encoded      kind = "Encoded"      // compressed
	unknown      kind = "NotFound"     // another model's name
	method       kind = "Method"       // a path that is asked otherwise
	unauthorized kind = "Unauthorized" // no token, or another
	slow         kind = "Timeout"      // a client that takes too long
	backend      kind = "Backend"      // the model failed
	overloaded   kind = "Overloaded"   // no room in the queue, or before it
	unhealthy    kind = "Unhealthy"    // about to end, or too slow
)

// status is the HTTP status of each kind, as text-embeddings-inference has them.
var status = map[kind]int{
	validation:   http.StatusRequestEntityTooLarge,
	empty:        http.StatusBadRequest,
	tokenizing:   http.StatusUnprocessableEntity,
	malformed:    http.StatusBadRequest,
	encoded:      http.StatusUnsupportedMediaType,
	unknown:      http.StatusNotFound,
	method:       http.StatusMethodNotAllowed,
	unauthorized: http.StatusUnauthorized,
	slow:         http.StatusRequestTimeout,
	backend:      http.StatusFailedDependency,
	overloaded:   http.StatusTooManyRequests,
	unhealthy:    http.StatusServiceUnavailable,
}

// A fault is why a request is not answered.
type fault struct {
	kind kind
	what string
}

func (f fault) Error() string { return f.what }

func faultf(k kind, format string, args ...any) error {
	return fault{k, fmt.Sprintf(format, args...)}
}

var (
	errOverloaded = fault{overloaded, "the queue is full, try again later"}
	errTooMuch    = fault{overloaded, "too many large requests are on their way, try again later"}
	errDraining   = fault{unhealthy, "the server is shutting down"}
	errLate       = fault{unhealthy, "the prediction took too long, try again later"}
)

// readFault is what went wrong with reading a body.
func readFault(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return faultf(slow, "the body took too long to arrive")
	}
	return faultf(malformed, "the body cannot be read: %v", err)
}

// faultOf is an error as a fault; one that is none is the model's.
func faultOf(err error) fault {
	var f fault
	if !errors.As(err, &f) {
		f = fault{backend, err.Error()}
	}
	return f
}

// refuse answers with a fault. All dialects know the key "error".
func refuse(w http.ResponseWriter, err error) {
	f := faultOf(err)
	if f.kind == overloaded || f.kind == unhealthy {
		w.Header().Set("Retry-After", "1")
	}
	if f.kind == slow {
		w.Header().Set("Connection", "close")
	}
	writeJSON(w, status[f.kind], map[string]string{"error": f.what, "error_type": string(f.kind)})
}
