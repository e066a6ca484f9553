package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Clients count what they are answered, come again on another connection where they are
// told to, and count what is lost.
func TestClientsCount(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const requests = 6
	server := &http.Server{Handler: answers(requests)}
	go server.Serve(l)
	defer server.Close()
	all := tally{want: "{}"}
	clients(t.Context(), 1, l.Addr().String(), short, &all) // ends with the test
	lost := func() int {
		all.mu.Lock()
		defer all.mu.Unlock()
		return all.lost
	}
	for end := time.Now().Add(time.Minute); lost() == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.codes[200] != requests-1 || all.codes[429] != 1 || all.wrong != 1 || all.lost == 0 || len(all.took) != requests-1 || all.last == nil {
		t.Errorf("%d answers of 200, %d of 429, %d lost", all.codes[200], all.codes[429], all.lost)
	}
}

// answers is a handler that refuses the first request, ends the second's connection, says
// something else to the third, and answers none after so many.
func answers(requests int) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		switch n++; {
		case n == 1:
			w.WriteHeader(429)
		case n == 2:
			w.Header().Set("Connection", "close")
		case n == 3:
			fmt.Fprint(w, " ") // before the answer, which is another so
		case n > requests:
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "{}")
	}
}

// Every case, for a moment: nothing is lost.
func TestStrain(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and runs it for seconds")
	}
	t.Parallel()
	var out strings.Builder
	folder := t.TempDir()
	if err := run(t.Context(), []string{"-seconds", "0.5", "-restarts", "3", "-large", "5", "-out", folder}, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, line := range []string{"short texts alone: ", "short texts beside 5 clients of 1.8 MB: ", "their p99 is ", "memory: ", "8 clients of 32 texts of 512 tokens alone: ",
		"3 restarts, socket kept true: ", "3 restarts, socket kept false: "} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("the output lacks %q:\n%s", line, &out)
		}
	}
	if n := strings.Count(out.String(), "lost 0"); n != strings.Count(out.String(), "lost ") || n < 6 {
		t.Errorf("requests are lost:\n%s", &out)
	}
	record, err := os.ReadFile(filepath.Join(folder, "strain-large-long-restarts.md"))
	if want := "    go run ./experiments/serve/strain -seconds 0.5 -restarts 3 -large 5 "; err != nil || !strings.HasPrefix(string(record), want) ||
		!strings.Contains(string(record), "\n```\n"+out.String()+"```\n") {
		t.Errorf("recorded is %v\n%s", err, record)
	}
}

// A soak of some seconds: every fault happens, and every answer is the same.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and runs it for seconds")
	}
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"-cases", "soak", "-seconds", "5", "-out", t.TempDir()}, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for q := 1; q <= quarters; q++ {
		line := regexp.MustCompile(fmt.Sprintf(`(?m)^quarter %d: \d+ answers, .*codes map\[200:\d+\b.*, lost 0, 0 other answers$`, q))
		if !line.MatchString(out.String()) {
			t.Errorf("quarter %d went wrong", q)
		}
	}
	for _, f := range faults {
		happened := regexp.MustCompile(`(?m)^` + f.name + `: [1-9]`).MatchString(out.String())
		if want := f.name != "jumps of the clock" && (runtime.GOOS == "linux" || !strings.Contains(f.name, "full")); happened != want {
			t.Errorf("%s: happened is %v", f.name, happened)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}

func TestFlags(t *testing.T) {
	if err := run(t.Context(), []string{"-cases", "short"}, &strings.Builder{}); err == nil || !strings.HasPrefix(err.Error(), `-cases has "short", want `) {
		t.Errorf("another case: %v", err)
	}
	if err := run(t.Context(), nil, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "run this from the root of the repository, or say -out") {
		t.Errorf("elsewhere: %v", err)
	}
}
