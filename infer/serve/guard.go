package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// open are the paths that need no token: those of probes.
var open = map[string]bool{"/health": true, "/v2/health/live": true, "/v2/health/ready": true}

// guarded lets requests through that bear the token, if there is one.
func (s *Server) guarded(next http.Handler) http.Handler {
	if s.options.Token == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if open[r.URL.Path] || bears(r.Header, s.options.Token()) {
			next.ServeHTTP(w, r)
			return
		}
		noteRefusal(w, errToken)
		w.Header().Set("WWW-Authenticate", "Bearer")
		s.drops.after(w, r, func() { refuse(w, errToken) })
	})
}

var errToken = fault{unauthorized, "the header Authorization does not have the token, want Bearer and the server's token"}

// bears tells whether a header has the token. The time that takes tells nothing of it.
func bears(h http.Header, token string) bool {
	scheme, got, _ := strings.Cut(h.Get("Authorization"), " ")
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// TokenFile returns the token in a file, which is read again when it changes. It reports
// an error if the file cannot be read or has no token.
func TokenFile(path string) (func() string, error) {
	f, err := newReloading([]string{path}, func() (string, error) {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		token := strings.TrimSpace(string(text))
		if token == "" || strings.ContainsAny(token, " \r\n\t") {
			return "", fmt.Errorf("%s: want one token, a word", path)
		}
		return token, nil
	})
	if err != nil {
		return nil, err
	}
	return f.get, nil
}

// Certificate returns how a server speaks TLS, 1.2 or later, with the certificate and the
// key of two files in PEM, which are read again when they change.
func Certificate(certFile, keyFile string) (*tls.Config, error) {
	f, err := newReloading([]string{certFile, keyFile}, func() (*tls.Certificate, error) {
		c, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", certFile, keyFile, err)
		}
		return &c, nil
	})
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.get(), nil },
	}, nil
}
