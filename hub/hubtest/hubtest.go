// Package hubtest is a Hugging Face hub for tests: one repository, served on this
// machine by the hub's protocol. Small files come from the hub itself; those of
// weights from another host, a CDN, to which the hub redirects.
package hubtest

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Commit is the commit that every branch of the repository is at.
const Commit = "86b5e0934494bd15c9632b12f734a8a67f723594"

// A Server is a hub with one repository.
type Server struct {
	URL   string
	Repo  string            // "org/name"
	Old   string            // a name from which the repository was moved; "": none
	Files map[string]string // contents by name

	hub, cdn *httptest.Server
	mutex    sync.Mutex
	behave   Behaviour
	requests []string
	leaks    []string
}

// Behaviour is how a hub answers. The zero value is a hub without faults.
type Behaviour struct {
	Token   string        // without which the hub gives no file, but lists them; "": it gives them to all
	Cut     int           // bytes after which the CDN breaks off an answer; 0: never
	Hang    time.Duration // how long the CDN then holds the connection
	Damage  bool          // the CDN serves other bytes
	NoRange bool          // the CDN knows no ranges
}

// Behave changes how the hub answers from now on.
func (s *Server) Behave(b Behaviour) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.behave = b
}

func (s *Server) behaviour() Behaviour {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.behave
}

// New starts a hub, which Close ends.
func New(repo string, files map[string]string) *Server {
	s := &Server{Repo: repo, Files: files}
	s.hub = httptest.NewServer(s.watch("hub", s.serveHub))
	s.cdn = httptest.NewServer(s.watch("cdn", s.serveCDN))
	s.URL = s.hub.URL
	return s
}

// Close ends the server.
func (s *Server) Close() {
	s.hub.Close()
	s.cdn.Close()
}

// Requests lists what was asked since the last call, as "hub HEAD /a/b" or, with
// a range, "cdn GET /c bytes=5-".
func (s *Server) Requests() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	list := s.requests
	s.requests = nil
	return list
}

// Leaks lists the requests that brought a token to the CDN.
func (s *Server) Leaks() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.leaks)
}

func (s *Server) watch(host string, serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		s.mutex.Lock()
		line := strings.TrimSpace(fmt.Sprintf("%s %s %s %s", host, q.Method, q.URL.EscapedPath(), q.Header.Get("Range")))
		s.requests = append(s.requests, line)
		if host == "cdn" && q.Header.Get("Authorization") != "" {
			s.leaks = append(s.leaks, line)
		}
		s.mutex.Unlock()
		serve(w, q)
	})
}

// serveHub is what huggingface.co answers.
func (s *Server) serveHub(w http.ResponseWriter, q *http.Request) {
	token := s.behaviour().Token
	path := strings.TrimPrefix(q.URL.Path, "/api/models")
	if rest, ok := strings.CutPrefix(path, "/"+s.Old+"/"); ok && s.Old != "" {
		w.Header().Set("Location", strings.TrimSuffix(q.URL.Path, path)+"/"+s.Repo+"/"+rest)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	rest, ok := strings.CutPrefix(path, "/"+s.Repo+"/")
	switch {
	case !ok:
		refuse(w, http.StatusUnauthorized, "RepoNotFound") // as it says to those it does not know
	case strings.HasPrefix(q.URL.Path, "/api/"):
		s.describe(w, strings.TrimPrefix(rest, "revision/"))
	case token != "" && q.Header.Get("Authorization") != "Bearer "+token:
		refuse(w, http.StatusUnauthorized, "GatedRepo")
	default:
		s.resolve(w, q, strings.TrimPrefix(rest, "resolve/"))
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("X-Error-Code", code)
	w.WriteHeader(status)
}

// describe lists the files of a revision.
func (s *Server) describe(w http.ResponseWriter, revision string) {
	if !isRevision(revision) {
		refuse(w, http.StatusNotFound, "RevisionNotFound")
		return
	}
	type sibling struct {
		Name string `json:"rfilename"`
	}
	var siblings []sibling
	for name := range s.Files {
		siblings = append(siblings, sibling{name})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"id": s.Repo, "sha": Commit, "siblings": siblings}) // to a client that may be gone
}

func isRevision(name string) bool { return name == "main" || name == "refs/pr/1" || name == Commit }

// resolve gives a small file, or the way to a large one.
func (s *Server) resolve(w http.ResponseWriter, q *http.Request, path string) {
	revision, name, _ := strings.Cut(path, "/")
	content, ok := s.Files[name]
	if !isRevision(revision) || !ok {
		refuse(w, http.StatusNotFound, "EntryNotFound")
		return
	}
	w.Header().Set("X-Repo-Commit", Commit)
	if isLarge(name) {
		w.Header().Set("X-Linked-Etag", `"`+ETag(name, content)+`"`)
		w.Header().Set("X-Linked-Size", strconv.Itoa(len(content)))
		w.Header().Set("Location", s.cdn.URL+"/"+name+"?Signature=secret")
		w.WriteHeader(http.StatusFound)
		return
	}
	w.Header().Set("ETag", `"`+ETag(name, content)+`"`)
	http.ServeContent(w, q, name, time.Time{}, strings.NewReader(content))
}

func isLarge(name string) bool {
	return strings.HasSuffix(name, ".safetensors") || strings.HasSuffix(name, ".bin")
}

// ETag is the checksum that the hub gives a file: its SHA-256, or of a small one
// the SHA-1 of git.
func ETag(name, content string) string {
	if isLarge(name) {
		sum := sha256.Sum256([]byte(content))
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
	return hex.EncodeToString(sum[:])
}

// serveCDN gives large files.
func (s *Server) serveCDN(w http.ResponseWriter, q *http.Request) {
	b := s.behaviour()
	content := []byte(s.Files[strings.TrimPrefix(q.URL.Path, "/")])
	if b.Damage {
		content = bytes.ToUpper(content)
	}
	if b.NoRange {
		q.Header.Del("Range")
	}
	if b.Cut > 0 {
		whole := w
		w = &cutter{whole, b.Cut, func() { breakOff(whole, q, b.Hang) }}
	}
	http.ServeContent(w, q, "", time.Time{}, bytes.NewReader(content))
}

// breakOff ends an answer in its middle, after some time.
func breakOff(w http.ResponseWriter, q *http.Request, after time.Duration) {
	_ = http.NewResponseController(w).Flush() // to a client that may be gone
	select {
	case <-time.After(after):
	case <-q.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

// cutter breaks an answer off.
type cutter struct {
	http.ResponseWriter
	left int
	end  func()
}

// Write writes what may still be written.
func (c *cutter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	if c.left -= n; n < len(p) {
		c.end()
	}
	return n, err
}
