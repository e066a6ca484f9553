package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// speaking is a server that says a score of everything.
func speaking(t *testing.T, of side, code int, score float64) *server {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Inputs string }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil || request.Inputs == "" {
			t.Errorf("request for %q: %v", request.Inputs, err)
		}
		w.WriteHeader(code)
		fmt.Fprintf(w, `[{"score": %g, "label": "negative"}, {"score": %g, "label": "positive"}]`, 1-score, score)
	}))
	t.Cleanup(h.Close)
	return &server{side: of, urls: []string{h.URL}, end: func() error { return nil }}
}

// Servers that say different things are not compared; rounding to int8 is allowed for.
func TestAgree(t *testing.T) {
	sentences := strings.Fields(strings.Repeat("a \"b\" é ", 20))
	theirs := func(precision string) side { return side{"theirs", together, "BERT", precision} }
	for name, test := range map[string]struct {
		other *server
		want  string
	}{
		"the same":          {speaking(t, theirs(float32s), 200, 0.7005), ""},
		"different":         {speaking(t, theirs(float32s), 200, 0.72), "theirs, one process, BERT, float32: the score of \"a\" is 0.72, the first server's 0.7"},
		"rounded":           {speaking(t, theirs(int8s), 200, 0.78), ""},
		"different in int8": {speaking(t, theirs(int8s), 200, 0.82), "theirs, one process, BERT, int8: scores are 0.12 from those of float32 in the mean"},
		"refused":           {speaking(t, theirs(float32s), 500, 0.7), "theirs, one process, BERT, float32 answers 500 Internal Server Error: "},
		"another model":     {speaking(t, side{"theirs", together, "PoWER", float32s}, 200, 0.1), ""},
	} {
		err := agree([]*server{speaking(t, side{Program: ours, Model: "BERT", Precision: float32s}, 200, 0.7), test.other}, sentences)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// Connections are dealt out to the addresses, begin elsewhere among the sentences, send one
// request at a time, and count what is not answered with 200.
func TestLoad(t *testing.T) {
	var mu sync.Mutex
	var first [2][]string // of the connections of each address
	inside := map[string]int{}
	var urls []string
	for i := range first {
		h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var request struct{ Inputs string }
			_ = json.NewDecoder(r.Body).Decode(&request)
			mu.Lock()
			defer mu.Unlock()
			if inside[r.RemoteAddr]++; inside[r.RemoteAddr] == 1 {
				first[i] = append(first[i], request.Inputs)
			}
			if inside[r.RemoteAddr]%3 == 0 {
				w.WriteHeader(429)
			}
		}))
		defer h.Close()
		urls = append(urls, h.URL+"/predict")
	}
	turn, err := load(t.Context(), urls, []string{"a", "b", "c", "d"}, 4, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		slices.Sort(first[i])
	}
	if fmt.Sprint(first) != "[[a c] [b d]]" {
		t.Errorf("the connections begin with %v", first)
	}
	all := 0
	for _, n := range inside {
		all += n
	}
	if turn.Requests+turn.Errors != all || turn.Errors < all/5 || turn.Errors > all/3 || turn.P50 <= 0 || turn.P99 < turn.P50 || turn.Seconds < 0.3 {
		t.Errorf("of %d requests: %+v", all, turn)
	}
	if _, err := load(t.Context(), []string{"http://127.0.0.1:1/"}, []string{"a"}, 1, 0.05); err == nil || !strings.Contains(err.Error(), "answers nothing") {
		t.Errorf("nobody there: %v", err)
	}
}

// The report has medians, the better way of each peer, ratios round by round, and says what is
// wrong.
func TestReport(t *testing.T) {
	r := &Report{Rounds: 3, Busy: 0.3}
	rate := map[side]int{
		{ours, "", "BERT", float32s}: 100, {ours, "", "PoWER", float32s}: 300,
		{"ONNX Runtime", together, "BERT", float32s}: 50, {"ONNX Runtime", apart, "BERT", float32s}: 40,
		{"ONNX Runtime", together, "PoWER", float32s}: 60, {"ONNX Runtime", apart, "PoWER", float32s}: 200,
	}
	for _, p := range programs {
		for _, m := range []string{"BERT", "PoWER"} {
			for _, precision := range []string{float32s, int8s} {
				for _, way := range []string{together, apart} {
					s := &server{side: side{p, way, m, precision}, version: p + " 1"}
					if p == ours {
						s.Way = ""
					}
					if p != ours || way == together {
						r.add(s)
						addRounds(r, s, rate[s.side])
					}
				}
			}
		}
	}
	text := r.markdown()
	for _, line := range []string{
		"\n- train serve 1\n- ONNX Runtime 1\n- OpenVINO 1\n", "Other processes used 0.3 cores before the first turn",
		"| train serve | PoWER, float32 | 8 | 301 [300–302] | 8.00 [8.00–8.00] | 9.00 [9.00–9.00] | 3 |",
		"| ONNX Runtime, a process per core | BERT, float32 | 1 | 41 [40–42] |",
		"| BERT, float32 | 32 | 1.98 [1.96–2.00] |", "| PoWER, float32 | 8 | 1.50 [1.50–1.50] |",
		"| float32 | 1 | 2.98 [2.96–3.00] | 3.94 [3.88–4.00] |",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the report lacks %q:\n%s", line, text)
		}
	}
}

// addRounds adds three rounds of about so many requests a second.
func addRounds(r *Report, s *server, rate int) {
	for round := range 3 {
		for _, n := range connections {
			r.record(s, n, Turn{Requests: 2 * (rate + round), Seconds: 2, P50: float64(n), P99: 9, Errors: round})
		}
	}
}

// What is missing is said before anything starts.
func TestMissing(t *testing.T) {
	if err := missing(t.Context(), "python3"); err == nil || !strings.Contains(err.Error(), "run this from the root of the repository") {
		t.Errorf("elsewhere: %v", err)
	}
	t.Chdir("../..")
	t.Setenv(dataVariable, "")
	if err := run(t.Context(), nil); err == nil || !strings.HasPrefix(err.Error(), dataVariable+" is not set") {
		t.Errorf("without data: %v", err)
	}
	if err := run(t.Context(), []string{"-rounds", "0"}); err == nil || !strings.HasPrefix(err.Error(), "-rounds is 0") {
		t.Errorf("without rounds: %v", err)
	}
}

// The whole program, where all it needs is here.
func TestServersUnderLoad(t *testing.T) {
	t.Chdir("../..")
	if err := missing(t.Context(), "runs/serve/bin/python"); err != nil || testing.Short() {
		t.Skip("the program cannot run here: ", err)
	}
	out := t.TempDir()
	if err := run(t.Context(), []string{"-rounds", "1", "-seconds", "0.3", "-out", out}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out + "/results.json")
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 20*len(connections) {
		t.Errorf("%d rows", len(r.Rows))
	}
	for _, row := range r.Rows {
		if row.Errors > 0 || len(row.PerSecond) != 1 || row.PerSecond[0] <= 0 || row.P50[0] <= 0 || row.P99[0] < row.P50[0] {
			t.Errorf("row %+v", *row)
		}
	}
}
