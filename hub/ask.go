package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// maxRedirects is the most that a request follows.
const maxRedirects = 8

// noFollow sends requests as they are and returns redirections.
var noFollow = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// send follows redirections. The token goes to the endpoint's own host alone:
// the rest is checked anew at each step, since Go keeps it between ports and for
// subdomains. With within it stays at the host and returns what leads elsewhere.
// see, if not nil, is shown each answer.
func (c *Client) send(ctx context.Context, method, address, byteRange string, within bool, see func(*http.Response)) (*http.Response, error) {
	home, err := c.home()
	if err != nil {
		return nil, err
	}
	for range maxRedirects {
		q, err := http.NewRequestWithContext(ctx, method, address, nil)
		if err != nil {
			return nil, err
		}
		q.Header.Set("User-Agent", "powerbert")
		q.Header.Set("Accept-Encoding", "identity") // sizes and ranges are of the file
		if byteRange != "" {
			q.Header.Set("Range", byteRange)
		}
		if c.Token != "" && q.URL.Host == home.Host && q.URL.Scheme == home.Scheme {
			q.Header.Set("Authorization", "Bearer "+c.Token)
		}
		a, err := noFollow.Do(q)
		if failed := new(url.Error); errors.As(err, &failed) {
			return nil, fmt.Errorf("%s: %w", q.URL.Host, failed.Err) // the address may hold a signature
		} else if err != nil {
			return nil, err
		}
		if see != nil {
			see(a)
		}
		next, err := a.Location()
		if a.StatusCode/100 != 3 || err != nil || within && next.Host != q.URL.Host {
			return a, nil
		}
		a.Body.Close()
		address = next.String()
	}
	return nil, fmt.Errorf("%s: more than %d redirections", address, maxRedirects)
}

// maxAnswer is the most bytes of an answer about a repository.
const maxAnswer = 1 << 24

// ask asks which commit the revision is, and which files that has.
func (r *repo) ask(ctx context.Context) (commit string, files map[string]bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	address := fmt.Sprintf("%s/api/models/%s/revision/%s", r.Endpoint, r.Repo, url.PathEscape(r.Revision))
	a, err := r.send(ctx, http.MethodGet, address, "", false, nil)
	if err != nil {
		return "", nil, fmt.Errorf("%s: is no directory here, and the hub cannot be asked: %w; name a directory of the model, another hub with HF_ENDPOINT, or a cache that has it with HF_HUB_CACHE", r, err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		return "", nil, r.refusal(a)
	}
	var info struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
		} `json:"siblings"`
	}
	if err := json.NewDecoder(io.LimitReader(a.Body, maxAnswer)).Decode(&info); err != nil {
		return "", nil, fmt.Errorf("%s: %s answers what is no description of a model: %w", r, r.Endpoint, err)
	}
	if !commitForm.MatchString(info.SHA) {
		return "", nil, fmt.Errorf("%s: %s names the commit %q, want 40 hexadecimal digits", r, r.Endpoint, info.SHA)
	}
	files = make(map[string]bool)
	for _, s := range info.Siblings {
		if !isInside(s.Name) {
			return "", nil, r.errorf("lists the file %q, which lies outside of the repository; do not use this model", s.Name)
		}
		files[s.Name] = true
	}
	return info.SHA, files, nil
}

// isInside tells whether a file's name, with slashes, stays in its folder on every
// system.
func isInside(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\\:\x00") && !path.IsAbs(name) && path.Clean(name) == name && name != ".." && !strings.HasPrefix(name, "../")
}

// facts are what the hub says of a file.
type facts struct {
	address string
	etag    string // of a file in LFS its SHA-256, else the SHA-1 that git has
	size    int64  // −1: unknown
}

var etagForm = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// look asks for the facts of a file without its content.
func (r *repo) look(ctx context.Context, commit, name string) (facts, error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	f := facts{address: fmt.Sprintf("%s/%s/resolve/%s/%s", r.Endpoint, r.Repo, commit, (&url.URL{Path: name}).EscapedPath()), size: -1}
	var theirs, linked, size string
	a, err := r.send(ctx, http.MethodHead, f.address, "", true, func(a *http.Response) {
		h := a.Header
		theirs, linked, size = first(theirs, h, "X-Repo-Commit"), first(linked, h, "X-Linked-Etag"), first(size, h, "X-Linked-Size")
	})
	if err != nil {
		return f, fmt.Errorf("%s: %w", r, err)
	}
	a.Body.Close()
	if a.StatusCode >= 400 {
		return f, r.refusal(a)
	}
	if a.StatusCode == http.StatusOK {
		linked, size = first(linked, a.Header, "ETag"), first(size, a.Header, "Content-Length")
	}
	if theirs != commit {
		return f, fmt.Errorf("%s: %s gives %s of the commit %q, want %s; is HF_ENDPOINT a Hugging Face hub?", r, r.Endpoint, name, theirs, commit)
	}
	f.etag = strings.Trim(strings.TrimPrefix(linked, "W/"), `"`)
	if !etagForm.MatchString(f.etag) {
		return f, fmt.Errorf("%s: %s gives %s the ETag %q, want a checksum; is HF_ENDPOINT a Hugging Face hub?", r, r.Endpoint, name, linked)
	}
	if n, err := strconv.ParseInt(size, 10, 64); err == nil && n >= 0 {
		f.size = n
	}
	return f, nil
}

// first is the value so far, or else that of a header.
func first(value string, h http.Header, key string) string {
	if value != "" {
		return value
	}
	return h.Get(key)
}
