package hub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/hub/hubtest"
)

// blobs is the folder of the blobs in a client's cache.
func blobs(c *Client) string {
	return filepath.Join(c.Cache, "models--google-bert--bert-tiny", "blobs")
}

// incomplete is where the weights grow.
func incomplete(s *hubtest.Server, c *Client) string {
	return filepath.Join(blobs(c), hubtest.ETag("model.safetensors", s.Files["model.safetensors"])+".incomplete")
}

// checkWeights wants the weights whole, and nothing incomplete.
func checkWeights(t *testing.T, s *hubtest.Server, c *Client, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
	if err != nil || string(text) != s.Files["model.safetensors"] {
		t.Errorf("the weights are %d bytes, %v", len(text), err)
	}
	if _, err := os.Stat(incomplete(s, c)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something incomplete is left: %v", err)
	}
}

// cdn lists the requests for the weights.
func cdn(s *hubtest.Server) (list []string) {
	for _, q := range s.Requests() {
		if strings.HasPrefix(q, "cdn") {
			list = append(list, strings.TrimPrefix(q, "cdn GET /model.safetensors"))
		}
	}
	return list
}

// A download whose connection breaks goes on where it broke.
func TestResumes(t *testing.T) {
	s, c := serve(t, published())
	s.Behave(hubtest.Behaviour{Cut: 50_000})
	checkWeights(t, s, c, found(t, c, repoName, all))
	if got := cdn(s); !slices.Equal(got, []string{"", " bytes=50000-", " bytes=100000-"}) {
		t.Errorf("asked for %q", got)
	}
}

// A hub that knows no ranges, or whose file is shorter than what is there,
// begins anew.
func TestBeginsAnew(t *testing.T) {
	for name, change := range map[string]func(*hubtest.Server){"no ranges": func(s *hubtest.Server) { s.Behave(hubtest.Behaviour{NoRange: true}) }, "too long": func(*hubtest.Server) {}} {
		s, c := serve(t, published())
		change(s)
		if err := os.MkdirAll(blobs(c), 0o777); err != nil {
			t.Fatal(err)
		}
		left := strings.Repeat("x", 30)
		if name == "too long" {
			left = s.Files["model.safetensors"] + "more"
		}
		if err := os.WriteFile(incomplete(s, c), []byte(left), 0o666); err != nil {
			t.Fatal(err)
		}
		checkWeights(t, s, c, found(t, c, repoName, all))
	}
}

// A connection that is silent counts as broken.
func TestSilence(t *testing.T) {
	s, c := serve(t, published())
	s.Behave(hubtest.Behaviour{Cut: 60_000, Hang: time.Minute})
	c.patience = 200 * time.Millisecond
	var log bytes.Buffer
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	checkWeights(t, s, c, found(t, c, repoName, all))
	if !strings.Contains(log.String(), `error="no bytes for 200ms"`) {
		t.Errorf("log is %s", log.String())
	}
}

// Where no attempt makes progress the download gives up.
func TestGivesUp(t *testing.T) {
	s, c := serve(t, published())
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodGet && strings.HasSuffix(q.URL.Path, ".safetensors") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		a, err := noFollow.Do(must(http.NewRequest(q.Method, s.URL+q.URL.EscapedPath(), nil)))
		if err != nil {
			t.Error(err)
			return
		}
		defer a.Body.Close()
		maps.Copy(w.Header(), a.Header)
		w.WriteHeader(a.StatusCode)
		_, _ = io.Copy(w, a.Body) // to a client that may be gone
	}))
	defer broken.Close()
	c.Endpoint = broken.URL
	_, err := c.Dir(background, repoName, all)
	fails(t, err, "google-bert/bert-tiny: model.safetensors: google-bert/bert-tiny: "+broken.URL+" answers 502 Bad Gateway to /google-bert/bert-tiny/resolve/"+hubtest.Commit+
		"/model.safetensors; run the command again to go on where it stopped")
}

func must(q *http.Request, err error) *http.Request {
	if err != nil {
		panic(err)
	}
	return q
}

// An interrupted download keeps what came and goes on from there.
func TestInterrupted(t *testing.T) {
	s, c := serve(t, published())
	s.Behave(hubtest.Behaviour{Cut: 40_000, Hang: time.Minute})
	ctx, stop := context.WithCancel(background)
	c.Report = func(p Progress) {
		if p.Done == 40_000 {
			stop()
		}
	}
	if _, err := c.Dir(ctx, repoName, all); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v", err)
	}
	if left, err := os.ReadFile(incomplete(s, c)); len(left) != 40_000 {
		t.Fatalf("%d bytes are left, %v", len(left), err)
	}
	s.Behave(hubtest.Behaviour{})
	c.Report = nil
	s.Requests()
	checkWeights(t, s, c, found(t, c, repoName, all))
	if got := cdn(s); !slices.Equal(got, []string{" bytes=40000-"}) {
		t.Errorf("asked for %q", got)
	}
}

// A damaged download is said and removed, and the next one is good.
func TestDamage(t *testing.T) {
	s, c := serve(t, published())
	s.Behave(hubtest.Behaviour{Damage: true})
	_, err := c.Dir(background, repoName, all)
	fails(t, err, "google-bert/bert-tiny: model.safetensors came with the checksum ")
	fails(t, err, ", want "+hubtest.ETag("model.safetensors", s.Files["model.safetensors"])+"; what came is removed: run the command again")
	if _, err := os.Stat(incomplete(s, c)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	s.Behave(hubtest.Behaviour{})
	checkWeights(t, s, c, found(t, c, repoName, all))
}

// A link whose blob is gone is made anew.
func TestLostBlob(t *testing.T) {
	s, c := serve(t, published())
	dir := found(t, c, repoName, all)
	if err := os.Remove(strings.TrimSuffix(incomplete(s, c), ".incomplete")); err != nil {
		t.Fatal(err)
	}
	checkWeights(t, s, c, found(t, c, repoName, all))
	if len(tree(t, dir)) != 4 {
		t.Errorf("the snapshot is %q", tree(t, dir))
	}
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	s, c := serve(t, published())
	if err := errors.Join(os.MkdirAll(blobs(c), 0o777), os.Symlink("/dev/full", incomplete(s, c))); err != nil {
		t.Fatal(err)
	}
	_, err := c.Dir(background, repoName, all)
	fails(t, err, "google-bert/bert-tiny: the disk of "+c.Cache+" is full, and model.safetensors takes 0.1 MB; make room, or set HF_HOME to a folder on another disk")
}

// Names that lead out of the repository are refused before anything is written.
func TestTraversal(t *testing.T) {
	for _, name := range []string{"../../../../.bashrc", "/etc/passwd", `..\x`, "a/../../x", "c:x", ""} {
		files := published()
		files[name] = "x"
		_, c := serve(t, files)
		_, err := c.Dir(background, repoName, all)
		fails(t, err, "which lies outside of the repository; do not use this model")
		if _, err := os.Stat(c.Cache); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q: the cache was made: %v", name, err)
		}
	}
}

// What only claims to be a hub is told from one.
func TestNoHub(t *testing.T) {
	s, c := serve(t, published())
	answers := map[string]func(w http.ResponseWriter, q *http.Request){
		"answers what is no description of a model": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		`names the commit "../..", want 40`:         func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"sha": "../.."}`)) },
		`gives vocab.txt of the commit "", want 86b5`: func(w http.ResponseWriter, q *http.Request) {
			if strings.HasPrefix(q.URL.Path, "/api/") {
				_, _ = w.Write([]byte(`{"sha": "` + hubtest.Commit + `", "siblings": [{"rfilename": "vocab.txt"}]}`))
			}
		},
		`gives vocab.txt the ETag "\"../../x\"", want a checksum`: func(w http.ResponseWriter, q *http.Request) {
			w.Header().Set("X-Repo-Commit", hubtest.Commit)
			w.Header().Set("ETag", `"../../x"`)
			_, _ = w.Write([]byte(`{"sha": "` + hubtest.Commit + `", "siblings": [{"rfilename": "vocab.txt"}]}`))
		},
		"more than 8 redirections":                         func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, q.URL.Path, http.StatusFound) },
		"answers 500 Internal Server Error to /api/models": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"has had too many requests":                        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) },
	}
	for want, answer := range answers {
		other := httptest.NewServer(http.HandlerFunc(answer))
		c.Endpoint = other.URL
		_, err := c.Dir(background, repoName, all)
		fails(t, err, want)
		other.Close()
	}
	c.Endpoint = "huggingface.co"
	_, err := c.Dir(background, repoName, all)
	fails(t, err, `HF_ENDPOINT is "huggingface.co", want a URL as https://huggingface.co`)
	if q := s.Requests(); len(q) > 0 {
		t.Errorf("asked %q", q)
	}
}
