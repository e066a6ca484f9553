package serve

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A body of many small things is refused with a short answer, and takes no memory
// beyond a multiple of its size.
func TestBodiesThatWouldGrow(t *testing.T) {
	s := server(t, Options{Name: "tiny"})
	v2 := func(data, outputs string) string {
		return `{"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": [` + data + `]}], "outputs": [` + outputs + `]}`
	}
	many := func(n int, what string) string { return strings.Repeat(what+",", n) + what }
	for name, test := range map[string]struct {
		path, body string
		code       int
	}{
		"empty texts":       {"/predict", `{"inputs": [` + many(100_000, `[""]`) + `]}`, 413},
		"empty lists":       {"/predict", `{"inputs": [` + many(100_000, `[]`) + `]}`, 413},
		"texts of a pair":   {"/predict", `{"inputs": [` + many(100_000, `""`) + `]}`, 422},
		"numbers of a pair": {"/predict", `{"inputs": [[` + many(100_000, `1`) + `]]}`, 422},
		"keys":              {"/predict", `{` + many(100_000, `"inputs":1`) + `}`, 422},
		"NaN":               {"/predict", `{"inputs": NaN}`, 400},
		"a huge number":     {"/predict", `{"inputs": 1e999}`, 422},
		"empty data":        {"/v2/models/tiny/infer", v2(many(100_000, `""`), ``), 400},
		"tensors":           {"/v2/models/tiny/infer", `{"inputs": [` + many(100_000, `{}`) + `]}`, 400},
		"outputs":           {"/v2/models/tiny/infer", v2(`"a"`, many(100_000, `{"name": "label"}`)), 400},
		"a shape of NaN":    {"/v2/models/tiny/infer", strings.Replace(v2(`"a"`, ``), "[1]", "[NaN]", 1), 400},
		"a shape of 1.5":    {"/v2/models/tiny/infer", strings.Replace(v2(`"a"`, ``), "[1]", "[1.5]", 1), 422},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w := ask(s, "POST", test.path, test.body)
		runtime.ReadMemStats(&after)
		if w.Code != test.code || w.Body.Len() > 300 {
			t.Errorf("%s: %d and %d bytes, want %d and few", name, w.Code, w.Body.Len(), test.code)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20+128*uint64(len(test.body)) {
			t.Errorf("%s: %d bytes are reserved for a body of %d", name, grown, len(test.body))
		}
	}
}

// What a body is said to be does not matter: curl -d says it is a form.
func TestAnyContentType(t *testing.T) {
	s := server(t, Options{})
	for _, header := range []string{"", "application/x-www-form-urlencoded", "text/plain; charset=latin1", "multipart/form-data", "\x00"} {
		r, err := http.NewRequest("POST", "/predict", strings.NewReader(`{"inputs": "good"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", header)
		w := ask(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { s.ServeHTTP(w, r) }), "POST", "/", "")
		if w.Code != 200 {
			t.Errorf("content type %q: %d %s", header, w.Code, w.Body)
		}
	}
}

// How it is encoded does: what is compressed is refused as such.
func TestContentEncoding(t *testing.T) {
	s := server(t, Options{Name: "tiny"})
	for header, code := range map[string]int{"": 200, "identity": 200, "Identity": 200, "gzip": 415, "br": 415, "identity, gzip": 415, strings.Repeat("x", 1000): 415} {
		for path, body := range map[string]string{
			"/predict":              `{"inputs": "good"}`,
			"/v2/models/tiny/infer": `{"inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["good"]}]}`,
		} {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Encoding", header)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != code || code == 415 && (w.Body.Len() > 150 || !strings.Contains(w.Body.String(), `the body has the Content-Encoding \"`+header[:2])) {
				t.Errorf("%s, content encoding %q: %d %s, want %d", path, header, w.Code, w.Body, code)
			}
		}
	}
}

const goodRequest = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 18\r\n\r\n{\"inputs\": \"good\"}"

// What is no HTTP, or too much of it, ends its connection alone.
func TestGarbageOnTheWire(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := server(t, Options{Timeout: 2 * time.Second, MaxBody: 1000})
	address, stop := serving(t, s)
	for name, test := range map[string]struct {
		sent  string
		codes []string // of the answers, until the connection ends
	}{
		"no HTTP":            {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", []string{"400"}},
		"no version":         {"GET /health\r\n\r\n", []string{"400"}},
		"garbage behind":     {goodRequest + "\x00\xff garbage\r\n\r\n" + goodRequest, []string{"200", "400"}},
		"a negative length":  {"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", []string{"400"}},
		"two lengths":        {"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", []string{"400"}},
		"a large header":     {"GET /health HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 100_000) + "\r\n\r\n", []string{"431"}},
		"many headers":       {"GET /health HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: y\r\n", 20_000) + "\r\n", []string{"431"}},
		"a large body":       {"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" + strings.Repeat("x", 5000), []string{"413"}},
		"chunks without end": {"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("5\r\nhello\r\n", 1000), []string{"413"}},
		"a chunk that is none": {"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			[]string{"400"}},
		"two requests": {goodRequest + strings.Replace(goodRequest, "Host: x", "Host: x\r\nConnection: close", 1), []string{"200", "200"}},
	} {
		if got := codesOf(t, address, test.sent); fmt.Sprint(got) != fmt.Sprint(test.codes) {
			t.Errorf("%s: answers %v, want %v", name, got, test.codes)
		}
	}
	if w := ask(s, "POST", "/predict", `{"inputs": "good"}`); w.Code != 200 {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
	if err := stop(); err != nil {
		t.Errorf("the server ends with %v", err)
	}
}

// codesOf sends bytes on a connection of their own and returns the codes of the
// answers until the server ends it.
func codesOf(t *testing.T, address, sent string) (codes []string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	go io.WriteString(c, sent) // the server may stop to read
	for answers := bufio.NewReader(c); ; {
		r, err := http.ReadResponse(answers, nil)
		if err != nil {
			return codes
		}
		_, _ = io.Copy(io.Discard, r.Body)
		codes = append(codes, r.Status[:3])
	}
}

// Who sends a byte now and then is cut off as who sends none, and so is who reads
// none of the answers.
func TestClientsThatTrickle(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := server(t, Options{Timeout: 200 * time.Millisecond})
	address, stop := serving(t, s)
	for name, test := range map[string]struct {
		first, more string
		pause       time.Duration
	}{
		"a header":      {"GET /health HTTP/1.1\r\nHost: x\r\nX: ", "x", 10 * time.Millisecond},
		"a body":        {"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", "x", 10 * time.Millisecond},
		"chunks":        {"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", 10 * time.Millisecond},
		"reads nothing": {"", strings.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 100), 0},
	} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		limit := time.Now().Add(time.Minute)
		_ = c.SetDeadline(limit)
		for _, err = io.WriteString(c, test.first); err == nil; _, err = io.WriteString(c, test.more) {
			time.Sleep(test.pause)
		}
		if time.Now().After(limit) {
			t.Errorf("%s: the connection stays open", name)
		}
		c.Close()
	}
	if err := stop(); err != nil {
		t.Errorf("the server ends with %v", err)
	}
}
