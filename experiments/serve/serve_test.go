package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// speaking is a server that says a score of everything.
func speaking(t *testing.T, program string, code int, score float64) *server {
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Inputs string }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil || request.Inputs == "" {
			t.Errorf("request for %q: %v", request.Inputs, err)
		}
		w.WriteHeader(code)
		fmt.Fprintf(w, `[{"score": %g, "label": "negative"}, {"score": %g, "label": "positive"}]`, 1-score, score)
	}))
	t.Cleanup(h.Close)
	return &server{program: program, model: "BERT", url: h.URL, end: func() error { return nil }}
}

// Servers that say different things are not compared.
func TestAgree(t *testing.T) {
	sentences := strings.Fields(strings.Repeat("a \"b\" é ", 20))
	for name, test := range map[string]struct {
		other *server
		want  string
	}{
		"the same":  {speaking(t, "theirs", 200, 0.7005), ""},
		"different": {speaking(t, "theirs", 200, 0.72), "theirs, BERT: the score of \"a\" is 0.72, the other server's 0.7"},
		"refused":   {speaking(t, "theirs", 500, 0.7), "theirs answers 500 Internal Server Error: "},
	} {
		err := agree([]*server{speaking(t, "ours", 200, 0.7), test.other}, sentences)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// The report has medians, ratios round by round, and says what is wrong.
func TestReport(t *testing.T) {
	r := &Report{Rounds: 3, Busy: 0.3}
	rate := map[string]int{"train serve BERT": 100, "train serve PoWER": 300, "ONNX Runtime BERT": 50, "ONNX Runtime PoWER": 200}
	for _, program := range []string{"train serve", "ONNX Runtime"} {
		for _, m := range []string{"BERT", "PoWER"} {
			s := &server{program: program, model: m, version: program + " 1"}
			r.add(s)
			for round := range 3 {
				for _, n := range connections {
					r.record(s, n, TurnResult{Requests: 2 * (rate[program+" "+m] + round), Seconds: 2, P50: float64(n), P99: 9, Errors: round})
				}
			}
		}
	}
	text := r.markdown()
	for _, line := range []string{
		"\n- train serve 1\n- ONNX Runtime 1\n", "Other processes used 0.3 cores before the first turn",
		"| train serve | PoWER | 8 | 301 [300–302] | 8.00 [8.00–8.00] | 9.00 [9.00–9.00] | 3 |",
		"| 32 | 2.98 [2.96–3.00] | 3.94 [3.88–4.00] | 1.98 [1.96–2.00] | 1.50 [1.50–1.50] |",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the report lacks %q:\n%s", line, text)
		}
	}
}

// What is missing is said before anything starts.
func TestMissing(t *testing.T) {
	if err := missing(t.Context()); err == nil || !strings.Contains(err.Error(), "run this from the root of the repository") {
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
func TestServe(t *testing.T) {
	t.Chdir("../..")
	if err := missing(t.Context()); err != nil || testing.Short() {
		t.Skip("the program cannot run here: ", err)
	}
	out := t.TempDir()
	if err := run(t.Context(), []string{"-rounds", "1", "-seconds", "1", "-out", out}); err != nil {
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
	if len(r.Rows) != 4*len(connections) {
		t.Errorf("%d rows", len(r.Rows))
	}
	for _, row := range r.Rows {
		if row.Errors > 0 || len(row.PerSecond) != 1 || row.PerSecond[0] <= 0 || row.P50[0] <= 0 || row.P99[0] < row.P50[0] {
			t.Errorf("row %+v", *row)
		}
	}
}
