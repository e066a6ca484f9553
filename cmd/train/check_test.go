package main

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Over TLS a server must have a certificate that is trusted and is for the name that it is
// asked by (a test's is for 127.0.0.1, not for localhost), or any with insecure.
func TestCheckOverTLS(t *testing.T) {
	healthy := true
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" || r.Header.Get("Authorization") != "" || !healthy {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	server, plain := httptest.NewTLSServer(handler), httptest.NewServer(handler)
	defer server.Close()
	defer plain.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail, as they should
	file := func(name string, text []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := file("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	empty := file("empty.pem", nil)
	at := server.Listener.Addr().String()
	_, port, _ := strings.Cut(at, ":")
	for _, c := range []struct {
		name string
		f    checking
		addr string
		want string // of the error; "": none
	}{
		{"trusted", checking{ca: ca}, at, ""},
		{"trusted, by another name", checking{ca: ca}, "localhost:" + port, "localhost"},
		{"whatever the certificate", checking{insecure: true}, "localhost:" + port, ""},
		{"not over TLS", checking{}, at, "400"},
		{"plain", checking{}, plain.Listener.Addr().String(), ""},
		{"TLS to a plain server", checking{insecure: true}, plain.Listener.Addr().String(), "HTTPS"},
		{"no certificate", checking{ca: empty}, at, "holds no certificate in PEM"},
		{"no file", checking{ca: empty + ".none"}, at, "no such file"},
		{"no port", checking{insecure: true}, "localhost", "missing port"},
	} {
		err := c.f.ask(t.Context(), c.addr)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	healthy = false
	if err := (&checking{insecure: true}).ask(t.Context(), at); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("not ready: %v", err)
	}
	stranger := &checking{ca: file("other.pem", otherCertificate)}
	if err := stranger.ask(t.Context(), at); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("vouched for by another: %v", err)
	}
	for addr, want := range map[string]string{":8443": "https://localhost:8443/health", "0.0.0.0:1": "https://localhost:1/health", "[::]:1": "https://localhost:1/health", "a.b:2": "https://a.b:2/health"} {
		if got, err := (&checking{ca: "x"}).url(addr); got != want || err != nil {
			t.Errorf("%s is %s (%v), want %s", addr, got, err, want)
		}
	}
}

// otherCertificate vouches for nobody: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=other.
var otherCertificate = []byte(`-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUEtajJaK9FPzU9EW6+KWOwcf/TuIwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTI5MTEzNzM1WhgPMjEyNjExMDUxMTM3
MzVaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
1tLnAUWNzsWpH87cn6IOpoPt+aNuavXCZ2YOk5+ys40BxPiwAxFtOEVAhMBizwlR
XBpkuBh1lDxGD8tPZ/KgeqNTMFEwHQYDVR0OBBYEFGo8DKMk9o8JXSFZhRuTIVRS
izUFMB8GA1UdIwQYMBaAFGo8DKMk9o8JXSFZhRuTIVRSizUFMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgHQLBXGrxdsf6qUTpJlntufB4TTv/PVZ/
DiDTfkt1zoECIQDWcStF0RffAR9LrWUOhTXSCVAKvWuwvDFjIbxiKburRg==
-----END CERTIFICATE-----
`)
