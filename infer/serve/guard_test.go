package serve

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// write writes a file of a test.
func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Without the token nothing is answered but probes, and a new token takes the place of the
// old one.
func TestToken(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	path := filepath.Join(t.TempDir(), "token")
	write(t, path, []byte("secret\n"))
	token, err := TokenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := server(t, Options{Token: token})
	with := func(path, authorization string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	for authorization, code := range map[string]int{"": 401, "Bearer secret": 200, "bearer secret": 200, "Bearer secre": 401, "Bearer secrets": 401,
		"Bearer ": 401, "Bearer": 401, "Basic secret": 401, "secret": 401} {
		w := with("/v2", authorization)
		if w.Code != code || code == 401 && w.Header().Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%q: %d %v, want %d", authorization, w.Code, w.Header(), code)
		}
	}
	for path, code := range map[string]int{"/health": 200, "/v2/health/live": 200, "/v2/health/ready": 200, "/metrics": 401, "/predict": 401, "/health/": 401, "/openapi.json": 401} {
		if w := with(path, ""); w.Code != code {
			t.Errorf("GET %s without a token: %d, want %d", path, w.Code, code)
		}
	}
	if w := with("/metrics", "Bearer secret"); !strings.Contains(w.Body.String(), `powerbert_refusals_total{reason="Unauthorized"}`) {
		t.Error("refusals for want of a token are not counted")
	}
	write(t, path, []byte("another"))
	until(t, "the new token counts", func() bool { return with("/v2", "Bearer another").Code == 200 })
	if w := with("/v2", "Bearer secret"); w.Code != 401 {
		t.Errorf("the old token: %d", w.Code)
	}
}

func TestTokenFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	for _, text := range []string{"", " \n", "two words", "two\nlines"} {
		write(t, path, []byte(text))
		if _, err := TokenFile(path); err == nil || !strings.Contains(err.Error(), "want one token") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := TokenFile(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// certify writes a certificate of a number and its key.
func certify(t *testing.T, cert, key string, number int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(number), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	public, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}))
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// Over TLS the server answers, from 1.2 on, shows a new certificate once the files have it,
// and ends as it does without.
func TestTLS(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certify(t, cert, key, 1)
	config, err := Certificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	s := server(t, Options{TLS: config})
	address, stop := serving(t, s)
	shown := func(o *tls.Config) (number int64, err error) {
		o.InsecureSkipVerify = true
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: o, DisableKeepAlives: true}}
		r, err := client.Post("https://"+address+"/predict", "", strings.NewReader(`{"inputs": "good"}`))
		if err != nil {
			return 0, err
		}
		defer r.Body.Close()
		if _, err := io.Copy(io.Discard, r.Body); err != nil || r.StatusCode != 200 {
			return 0, fmt.Errorf("%s, %v", r.Status, err)
		}
		return r.TLS.PeerCertificates[0].SerialNumber.Int64(), nil
	}
	if number, err := shown(&tls.Config{MaxVersion: tls.VersionTLS12}); number != 1 || err != nil {
		t.Errorf("with TLS 1.2: certificate %d, %v", number, err)
	}
	if _, err := shown(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	write(t, cert, []byte("half a certificate"))
	time.Sleep(between + 10*time.Millisecond)
	if number, err := shown(&tls.Config{}); number != 1 || err != nil {
		t.Errorf("with half a file: certificate %d, %v", number, err)
	}
	certify(t, cert, key, 2)
	until(t, "the new certificate is shown", func() bool { number, _ := shown(&tls.Config{}); return number == 2 })

	ended := make(chan error, 1)
	kept, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	fmt.Fprint(kept, goodRequest)
	if _, err := kept.Read(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- stop() }()
	if _, err := kept.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the idle connection ends with %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := Certificate(cert, cert); err == nil || !strings.Contains(err.Error(), cert) {
		t.Errorf("a key that is none: %v", err)
	}
}

// A request keeps its id and its trace, in the answer and in the log; one that is not
// well-formed is not passed on.
func TestRequestsAreTraced(t *testing.T) {
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	var log bytes.Buffer
	s := server(t, Options{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for _, test := range []struct{ id, trace, wantID, wantTrace string }{
		{"abc-1", trace, "abc-1", trace},
		{"two words", trace + "-more", "", ""},
		{"a\"b", "01" + trace[2:] + "-more", "", "01" + trace[2:] + "-more"},
		{strings.Repeat("x", 129), "ff" + trace[2:], "", ""},
		{"", strings.Replace(trace, "4bf92f3577b34da6a3ce929d0e0e4736", strings.Repeat("0", 32), 1), "", ""},
		{"", strings.Replace(trace, "00f067aa0ba902b7", strings.Repeat("0", 16), 1), "", ""},
	} {
		log.Reset()
		r := httptest.NewRequest("GET", "/v2/models/x", nil)
		r.Header.Set("X-Request-Id", test.id)
		r.Header.Set("Traceparent", test.trace)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		id := w.Header().Get("X-Request-Id")
		if test.wantID != "" && id != test.wantID || len(id) == 0 || w.Header().Get("Traceparent") != test.wantTrace {
			t.Errorf("%+v: answered with %v", test, w.Header())
		}
		if test.wantID == "" && len(id) != 32 {
			t.Errorf("a new id is %q", id)
		}
		var line map[string]any
		decodeJSON(t, log.Bytes(), &line)
		want := ""
		if test.wantTrace != "" {
			want = "4bf92f3577b34da6a3ce929d0e0e4736"
		}
		if line["id"] != id || line["trace"] != want || line["refused"] != "NotFound" || line["code"] != 404.0 {
			t.Errorf("log %v", line)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, "GET", "/nowhere", nil))
	if w := ask(s, "GET", "/metrics", "").Body.String(); !strings.Contains(w, `powerbert_requests_total{code="499",route="none"} 1`) {
		t.Error("a path that is none has a route of its own")
	}
}
