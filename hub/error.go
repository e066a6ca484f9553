package hub

import (
	"errors"
	"fmt"
	"net/http"
)

// An Error is a fault of what was asked for: the name, the access, or the
// repository's files.
type Error struct {
	Model string // as the user named it
	Err   error
}

// Error is `model: what`.
func (e *Error) Error() string { return e.Model + ": " + e.Err.Error() }

// Unwrap is what is wrong, without the name.
func (e *Error) Unwrap() error { return e.Err }

// ErrNotCached tells that the cache lacks a model and the hub was not asked.
var ErrNotCached = errors.New("not in the cache")

// A DamageError tells that a download is not what the hub said it would be.
type DamageError struct{ File, Got, Want string }

// Error names the file and what is wrong with it.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%s came with the checksum %s, want %s; what came is removed: run the command again", e.File, e.Got, e.Want)
}

func (r *repo) errorf(format string, args ...any) error {
	return &Error{r.String(), fmt.Errorf(format, args...)}
}

// refusal is what an answer without what was asked for means. The hub says 401 of
// a repository that is not there, too, to those without a token.
func (r *repo) refusal(a *http.Response) error {
	code := a.Header.Get("X-Error-Code")
	switch {
	case code == "GatedRepo" || a.StatusCode == http.StatusForbidden:
		return r.errorf("is gated: agree to its terms at %s/%s, and %s", r.Endpoint, r.Repo, r.tokenAdvice())
	case code == "RevisionNotFound":
		return r.errorf("there is no revision %q of %s/%s", r.Revision, r.Endpoint, r.Repo)
	case code == "EntryNotFound":
		return r.errorf("a file that %s lists is not there: %s", r.Endpoint, a.Request.URL.Path)
	case a.StatusCode == http.StatusUnauthorized && r.Token != "" && code == "":
		return r.errorf("%s does not know the token; make HF_TOKEN a valid one, or unset it", r.Endpoint)
	case a.StatusCode == http.StatusUnauthorized || a.StatusCode == http.StatusNotFound:
		return r.errorf("is no directory here, and no model at %s; if it is a private one, %s", r.Endpoint, r.tokenAdvice())
	case a.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("%s: %s has had too many requests; wait, or set HF_TOKEN", r, r.Endpoint)
	}
	return fmt.Errorf("%s: %s answers %s to %s", r, r.Endpoint, a.Status, a.Request.URL.Path)
}

func (r *repo) tokenAdvice() string {
	if r.Token != "" {
		return "let HF_TOKEN be a token of an account with access"
	}
	return "set HF_TOKEN to a token of an account with access"
}
