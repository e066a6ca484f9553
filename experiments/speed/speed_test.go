package main

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/model"
)

// TestMain turns the test's own program into a fake peer where FAKE_OUTPUT is set.
func TestMain(m *testing.M) {
	if output := os.Getenv("FAKE_OUTPUT"); output != "" {
		fake(output)
		return
	}
	os.Exit(m.Run())
}

// fake answers every turn with one output; with "dies" it ends instead.
func fake(output string) {
	requests := json.NewDecoder(os.Stdin)
	var line any
	for turn := 0; requests.Decode(&line) == nil; turn++ {
		switch {
		case turn == 0:
			os.Stdout.WriteString(`{"version": "fake 1"}`)
		case output == "dies":
			os.Exit(3)
		default:
			os.Stdout.WriteString(`{"seconds": 0.125, "outputs": [` + output + "]}")
		}
	}
}

// fakes are processes that answer with these outputs, all at the same work.
func fakes(t *testing.T, outputs ...string) []*process {
	t.Helper()
	var list []*process
	for _, output := range outputs {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "FAKE_OUTPUT="+output)
		w := Work{"forward", "base", 2, 16, "dense", 1}
		p, err := start(Side{"fake", w}, c, w.job(""))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		list = append(list, p)
	}
	return list
}

func TestTurns(t *testing.T) {
	r := &Result{Name: "case"}
	if err := r.measure(t.Context(), fakes(t, "0.5", "0.50005"), 7); err != nil {
		t.Fatal(err)
	}
	peer := r.Sides[1]
	if len(peer.Milliseconds) != 7 || peer.Median != 125 || r.Runs != 2 || peer.Version != "fake 1" || peer.PeakMB < 1 ||
		*peer.Ratio != (Interval{1, 1, 1, 1 - 2./128}) || math.Abs(*peer.Difference-5e-5) > 1e-7 {
		t.Errorf("%+v, %+v", r, peer)
	}
	report := Report{Pairs: 7, Results: []Result{*r}}
	if row := "| case | 125.0 | 41 | fake | 125.0 | 1.00 [1.00–1.00] | 5e-05 |"; !strings.Contains(report.markdown(), row) {
		t.Errorf("want a row %q in\n%s", row, report.markdown())
	}
}

// 6 GFLOP in 20 ms beside 4 in 10: 300 GFLOP/s of 400.
func TestShareOfProducts(t *testing.T) {
	ours := SideResult{Program: "ours", Median: 20, MultiplyAdds: 3e9}
	onednn := SideResult{Program: "onednn", Median: 10, MultiplyAdds: 2e9, Ratio: &Interval{2, 1.5, 3, 0.96}}
	want := "| rate | 20.0 | 300 | 10.0 | 400 | 0.75 [0.50–1.00] |\n"
	if got := besideProducts("rate", ours, onednn); got != want {
		t.Errorf("row %q, want %q", got, want)
	}
	// 2 sequences of 16 rows, in each of 12 encoders 4 of 768² and 2 of 768·3072
	if n := (Work{"products", "base", 2, 16, "dense", 1}).multiplyAdds(); n != 32*12*7077888 {
		t.Errorf("%v multiply-adds", n)
	}
}

func TestTurnsThatFail(t *testing.T) {
	for output, want := range map[string]string{
		"0.5002": "case: outputs of fake and fake are 2.0e-04 apart, want at most 1e-04",
		"0.5, 1": "case: outputs of fake and fake are +Inf apart, want at most 1e-04",
		"dies":   "fake gave no answer to read (EOF); its own message is above",
	} {
		err := (&Result{Name: "case"}).measure(t.Context(), fakes(t, "0.5", output), 1)
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", output, err, want)
		}
	}
}

// Our side does the same with one core as with three, and begins its training at
// ln 2: random weights, two labels.
func TestServe(t *testing.T) {
	cores := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(cores) })
	c := config("small")
	c.HiddenSize, c.NumHiddenLayers, c.VocabSize = 12, 2, 30522
	p := model.NewParams[float32](c)
	p.Init(1)
	dir := t.TempDir()
	if err := model.Save(dir, c, p); err != nil {
		t.Fatal(err)
	}
	forward, step := Work{"forward", "small", 5, 16, "dense", 1}, Work{"step", "small", 5, 16, "soft", 2}
	one, three := served(t, forward.job(dir)), served(t, forward.on(3).job(dir))
	if d := difference(one, three); len(one) != 10 || d > 1e-6 {
		t.Errorf("logits %v and %v, want 10 of each that agree", one, three)
	}
	// λ·Σ j·mass(j; 1) = 1e-4 · (16 + 2·16)
	if objective := served(t, step.job(dir)); len(objective) != 1 || math.Abs(float64(objective[0])-math.Ln2-48e-4) > 0.01 {
		t.Errorf("objective %v, want about ln 2", objective)
	}
}

// served is what our side puts out in one turn.
func served(t *testing.T, job Job) []float32 {
	t.Helper()
	in, to := io.Pipe()
	from, out := io.Pipe()
	done := make(chan error)
	go func() { done <- serve(in, out) }()
	answers := json.NewDecoder(from)
	var answer Answer
	for _, request := range []any{job, Turn{1}} {
		if err := json.NewEncoder(to).Encode(request); err != nil {
			t.Fatal(err)
		}
		if err := answers.Decode(&answer); err != nil {
			t.Fatal(err)
		}
	}
	to.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return answer.Outputs
}

func TestCases(t *testing.T) {
	for pattern, want := range map[string]int{"": 17, "^forward": 4, "^step/base": 3, "^own": 6, "none": 0} {
		if got := len(chosen(regexp.MustCompile(pattern), nil)); got != want {
			t.Errorf("%d cases match %q, want %d", got, pattern, want)
		}
	}
	if keep := (Work{"step", "small", 32, 64, "hard", 2}).keep(); keep[0] != 40 || keep[11] != 1 {
		t.Errorf("half of Figure 1 is %v", keep)
	}
}
