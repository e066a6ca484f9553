package main

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/experiments/peer"
)

// TestMain turns the test's own program into a fake peer where FAKE_OUTPUT is set, and into
// our own side where it is told to serve.
func TestMain(m *testing.M) {
	if output := os.Getenv("FAKE_OUTPUT"); output != "" {
		fake(output)
		return
	}
	if slices.Contains(os.Args, "-serve") {
		peer.Main("speed", run)
		return
	}
	os.Exit(m.Run())
}

// fake answers every turn with one output; with "dies" it ends instead, and with "refuses"
// it says an error.
func fake(output string) {
	requests := json.NewDecoder(os.Stdin)
	var line any
	for turn := 0; requests.Decode(&line) == nil; turn++ {
		switch {
		case turn == 0:
			os.Stdout.WriteString(`{"version": "fake 1", "way": "usual"}`)
		case output == "dies":
			os.Exit(3)
		case output == "refuses":
			os.Stdout.WriteString(`{"error": "no such operator"}`)
		default:
			os.Stdout.WriteString(`{"seconds": 0.0625, "logits": [[` + output + "]]}")
		}
	}
}

// fakes are processes that answer with these outputs, all at the same work: of ours in
// float32, of ours in int8, and of a peer in float32 or, with a minus before, in int8.
func fakes(t *testing.T, outputs ...string) (list []*process) {
	t.Helper()
	sides := []Side{{Program: "ours"}, {Program: "ours", Precision: "int8"}, {Program: "openvino", Precision: "f32"}, {Program: "openvino", Precision: "int8 f32"}}
	for i, output := range outputs {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "FAKE_OUTPUT="+output)
		started, err := peer.Start("fake", c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { started.Close() })
		p := &process{Side: sides[i], Process: started, name: "fake", own: true}
		p.Work = Work{Kind: kindForward, Size: "base", Mode: modeDense, Batch: 2, Length: 16, Cores: 1}
		if p.ready, err = p.Tell(p.job("", "")); err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func TestTurns(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	r := &Result{Name: "forward/case", Date: "2026-01-02 03:04 UTC"}
	if err := r.measure(t.Context(), fakes(t, "0.5, 0", "0.51, 0", "0.50005, 0", "0.9, 0"), 7); err != nil {
		t.Fatal(err)
	}
	even := Interval{1, 1, 1, 1 - 2./128}
	int8, float, quantised := &r.Sides[1], &r.Sides[2], &r.Sides[3]
	if len(float.Milliseconds) != 7 || float.Median != 62.5 || float.Runs != 2 || float.Version != "fake 1" || float.Way != "usual" || float.PeakMB < 1 ||
		*float.Ratio != even || *float.Int8Ratio != even || math.Abs(*float.Difference-5e-5) > 1e-7 || float.Divergence != 0 {
		t.Errorf("%+v", float)
	}
	// KL of Bernoulli distributions whose logits are 0.5 and 0.9: σ = 0.62246, 0.71095
	want := 0.62246*math.Log(0.62246/0.71095) + 0.37754*math.Log(0.37754/0.28905)
	if math.Abs(quantised.Divergence-want) > 1e-5 || quantised.within() || !int8.within() || int8.Divergence == 0 || int8.Int8Ratio != nil {
		t.Errorf("divergences %v and %v, want %v of the last, which is too much", int8.Divergence, quantised.Divergence, want)
	}
	report := Report{Results: []Result{*r}}
	for _, want := range []string{
		"| forward/case | 62.5 | OpenVINO float32 | 62.5 | 1.00 [1.00–1.00] | 62.5 | OpenVINO float32 | 62.5 | 1.00 [1.00–1.00] | neither |",
		"| forward/case | powerbert float32 | usual | 62.5 | – | – |  |\n", "| forward/case | OpenVINO int8 * | usual | 62.5 | 1.00 [1.00–1.00] | 1.00 [1.00–1.00] | 4e-01 |",
		"2026-01-02, 7 turns of each side",
	} {
		if !strings.Contains(report.markdown(), want) {
			t.Errorf("want %q in\n%s", want, report.markdown())
		}
	}
}

func TestTurnsThatFail(t *testing.T) {
	for _, test := range []struct{ outputs, want string }{
		{"0.5|0.5|0.5002", "case: outputs of OpenVINO float32 and powerbert float32 are 2.0e-04 apart, want at most 1e-04"},
		{"0.5|0.5|0.5, 1", "case: outputs of OpenVINO float32 and powerbert float32 are +Inf apart, want at most 1e-04"},
		{"0.5, 0|0.9, 0", "case: outputs of powerbert int8 diverge by 1.8e-02 nats from those in float32, want at most 0.005"},
		{"0.5|dies", "case: powerbert int8: fake gave no answer to read (EOF); its own message is above"},
		{"0.5|0.5|refuses", "case: OpenVINO float32: no such operator"},
	} {
		err := (&Result{Name: "case"}).measure(t.Context(), fakes(t, strings.Split(test.outputs, "|")...), 1)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: error %v, want %s", test.outputs, err, test.want)
		}
	}
}

// The fastest peer is one that answers as it should, and a winner has an interval beside 1.
func TestFastest(t *testing.T) {
	ratio := func(low, high, coverage float64) *Interval { return &Interval{(low + high) / 2, low, high, coverage} }
	r := &Result{Sides: []SideResult{{Own: true, Median: 1}, {Own: true, Median: 1}, {Side: "a", Median: 5, Float: true},
		{Side: "b", Median: 3}, {Side: "c", Median: 2, Divergence: 1}, {Side: "d", Median: 4, Float: true}}}
	if float, all := r.fastest(true), r.fastest(false); float.Side != "d" || all.Side != "b" {
		t.Errorf("%s and %s are fastest, want d in float32 and b of all", float.Side, all.Side)
	}
	for want, i := range map[string]*Interval{"**b**": ratio(1.1, 1.2, 0.96), "powerbert int8": ratio(0.5, 0.9, 0.96), "neither": ratio(0.9, 1.1, 0.96), "unknown": ratio(1.1, 1.2, 0.5)} {
		if got := winner(&SideResult{Side: "b", Int8Ratio: i}); got != want {
			t.Errorf("%v: %s, want %s", i, got, want)
		}
	}
}

// 6 GFLOP in 20 ms beside 4 in 10: 300 GFLOP/s of 400.
func TestShareOfProducts(t *testing.T) {
	r := &Result{Name: "rate/base", Sides: []SideResult{{Median: 20, MultiplyAdds: 3e9}, {Median: 10, MultiplyAdds: 2e9, Ratio: &Interval{2, 1.5, 3, 0.96}}}}
	want := "| rate/base | 20.0 | 300 | 10.0 | 400 | 0.75 [0.50–1.00] |\n"
	if got := besideProducts(r, 1); got != want {
		t.Errorf("row %q, want %q", got, want)
	}
	// 2 sequences of 16 rows, in each of 12 encoders 4 of 768² and 2 of 768·3072
	if n := (&Work{Kind: kindProducts, Size: "base", Mode: modeDense, Batch: 2, Length: 16}).multiplyAdds(); n != 32*12*7077888 {
		t.Errorf("%v multiply-adds", n)
	}
}

// Steps in bfloat16 stand beside those of float32, whose objectives may be less near than
// those of two in float32: 6 GFLOP in 20 ms are 300 GFLOP/s.
func TestBesideInBF16(t *testing.T) {
	apart := 0.01
	half, float := SideResult{Work: "w", Median: 20, MultiplyAdds: 3e9, PeakMB: 2}, SideResult{Side: "powerbert float32", Work: "w", Median: 40, Ratio: &Interval{0.5, 0.25, 1, 0.96}, Difference: &apart, Float: true, PeakMB: 3}
	r := &Result{Name: "bf16/step/x", Sides: []SideResult{half, float}}
	want := "| bf16/step/x | 20.0 | 300 | powerbert float32 | 40.0 | 0.50 [0.25–1.00] | 1e-02 | 2 | 3 |\n"
	if got := besideInBF16(r, 1); got != want || besideInBF16(r, 0) != "" || besideTraining(r, 1) != "" {
		t.Errorf("row %q, want %q", got, want)
	}
	if err := r.compare(&r.Sides[1], [][]float32{{0.7}}, [][]float32{{0.715}}); err != nil {
		t.Error(err)
	}
	if err := r.compare(&r.Sides[1], [][]float32{{0.7}}, [][]float32{{0.725}}); err == nil || !strings.Contains(err.Error(), "apart, want at most 2e-02") {
		t.Errorf("error %v", err)
	}
	for _, row := range rows() {
		if first := row.Sides[0]; strings.HasPrefix(row.Name, "bf16/") != (first.Precision == "bf16") || first.Precision == "bf16" && (first.float() || first.Work.Kind != kindStep) {
			t.Errorf("%s begins with %v", row.Name, first)
		}
	}
}

// A line has the gains of both precisions beside that in multiply-adds.
func TestCorners(t *testing.T) {
	side := func(ms, adds float64) SideResult {
		return SideResult{Median: ms, MultiplyAdds: adds, Ratio: &Interval{40 / ms, 1, 9, 0.96}, Int8Ratio: &Interval{12 / ms, 1, 9, 0.96}}
	}
	r := &Result{Name: "own/forward/x", Sides: []SideResult{side(40, 6), side(12, 6), side(16, 2), side(5, 2)}}
	if got, want := corners(r, 0), "| own/forward/x | 40.0 | 16.0 | 2.50 [1.00–9.00] | 12.0 | 5.0 | 2.40 [1.00–9.00] | 3.00 |\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Rows have names of their own, all works of a forward row are one, and what is kept goes by
// the length.
func TestRows(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rows() {
		if seen[r.Name] {
			t.Errorf("%s twice", r.Name)
		}
		seen[r.Name] = true
		for _, s := range r.Sides {
			if strings.HasPrefix(r.Name, "forward/") && (s.Work != r.Sides[0].Work || len(r.Sides) != 12) {
				t.Errorf("%s: %v does %v", r.Name, s, s.Work)
			}
		}
	}
	o := options{rows: regexp.MustCompile(""), python: "python", data: "data"}
	for pattern, want := range map[string]int{"^forward/(base|mini)/(1x32|1x128|8x128|32x64)/(dense|power)$": 16, "^texts": 6, "^step/base": 3, "^own/forward": 8, "none": 0} {
		o.rows = regexp.MustCompile(pattern)
		if got := len(o.chosen()); got != want {
			t.Errorf("%d rows match %q, want %d", got, pattern, want)
		}
	}
	o = options{rows: regexp.MustCompile("^(texts|step/base|forward/base/8x128/dense)")}
	if got := o.chosen(); len(got) != 1 || len(got[0].Sides) != 2 {
		t.Errorf("%v without peers and data, want ours in both precisions", got)
	}
	half := Side{Program: "torch", Work: Work{Kind: kindForward, Size: "mini", Mode: modePower, Batch: 3, Length: 64}}
	if j := half.job("", ""); !slices.Equal(j.Keep, []int{37, 25, 20, 14, 8, 2}) || len(j.IDs) != 3 || len(j.IDs[2]) != 64 { // halves of every second, rounded up
		t.Errorf("keeps %v of %d sequences", j.Keep, len(j.IDs))
	}
}

func TestNamesOfSides(t *testing.T) {
	for want, s := range map[string]Side{
		"powerbert float32": {Program: "ours"}, "powerbert int8": {Program: "ours", Precision: "int8"}, "PyTorch bfloat16": {Program: "torch", Precision: "bf16"},
		"OpenVINO int8": {Program: "openvino", Precision: "int8 f32"}, "OpenVINO int8, the rest bfloat16": {Program: "openvino", Precision: "int8 bf16"},
		"ONNX Runtime int8 of our export":                {Program: "onnxruntime", QDQ: true},
		"OpenVINO int8 of our export, the rest bfloat16": {Program: "openvino", Precision: "bf16", QDQ: true},
	} {
		if s.String() != want || s.float() != strings.HasSuffix(want, "float32") || s.int8() != strings.Contains(want, "int8") {
			t.Errorf("%+v is %v, float32 %v, int8 %v; want %s", s, s, s.float(), s.int8(), want)
		}
	}
}

// A row that is measured takes its place in the record, where others stay; a record of
// another machine is refused.
func TestRecord(t *testing.T) {
	names := rows()
	result := func(i int, ms float64) Result {
		return Result{Name: names[i].Name, Date: "2026-01-02 03:04 UTC", Sides: []SideResult{{Version: "v", Median: ms, Milliseconds: []float64{ms}}}}
	}
	folder := t.TempDir()
	for _, add := range []Result{result(2, 1), {Name: "a row of old"}, result(0, 2), result(2, 3)} {
		r, err := openReport(folder)
		if err != nil {
			t.Fatal(err)
		}
		if r.add(add); add.Sides == nil {
			continue
		}
		if err := r.write(folder); err != nil {
			t.Fatal(err)
		}
	}
	r, err := openReport(folder)
	if err != nil || len(r.Results) != 2 || r.Results[0].Name != names[0].Name || r.Results[1].Sides[0].Median != 3 || !slices.Equal(r.Versions, []string{"v"}) {
		t.Fatalf("%+v (%v)", r, err)
	}
	r.Cores++
	if err := r.write(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := openReport(folder); err == nil || !strings.Contains(err.Error(), "is of another machine") {
		t.Errorf("error %v", err)
	}
}

// The page has a place for the record, and shows the one that is here.
func TestPage(t *testing.T) {
	there, err := peer.Filled(filepath.Join("..", "..", "docs", "speed.md"), "record")
	if err != nil || there == "" {
		t.Fatalf("docs/speed.md has no record (%v)", err)
	}
	text, err := os.ReadFile("results.json")
	if os.IsNotExist(err) {
		t.Skip("no record is here")
	}
	r := &Report{}
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatal(err)
	}
	if there != strings.TrimSpace(r.summary()) {
		t.Error("docs/speed.md is not as -page docs/speed.md leaves it")
	}
}

// The page on corpora has its two times from the record.
func TestCorpora(t *testing.T) {
	record, err := os.ReadFile("results.md")
	if os.IsNotExist(err) {
		t.Skip("no record is here")
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "corpora.md"))
	if err != nil {
		t.Fatal(err)
	}
	for row, name := range map[string]string{"dense": "dense", "power": "as PoWER-BERT, retention of Figure 1"} {
		_, ms, _ := strings.Cut(string(record), "| forward/base/8x128/"+row+" | ")
		ms, _, _ = strings.Cut(ms, " ")
		if !strings.Contains(string(page), "| "+name+" | "+ms+" | ") {
			t.Errorf("docs/corpora.md does not have %s as %q ms", row, ms)
		}
	}
}

// Our side does the same with one core as with three, about the same in int8, the same on
// texts as on their ids, and begins its training at ln 2: random weights, two labels.
func TestServe(t *testing.T) {
	if testing.Short() {
		t.Skip("makes models with 30522 words")
	}
	cores := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(cores) })
	s := &session{models: models{folder: t.TempDir(), cores: 1}}
	outputs := func(precision string, w Work) [][]float32 {
		side := Side{Program: "ours", Precision: precision, Work: w}
		file, err := s.file(t.Context(), &side)
		if err != nil {
			t.Fatal(err)
		}
		return served(t, side.job(file, ""))
	}
	forward := Work{Kind: kindForward, Size: "small", Mode: modePower, Batch: 5, Length: 16, Cores: 1}
	one, int8 := outputs("", forward), outputs("int8", forward)
	forward.Cores = 3
	if d := difference(one, outputs("", forward)); len(one) != 5 || len(one[0]) != 2 || d > 1e-6 {
		t.Errorf("logits %v, want 5 rows that do not depend on the cores, not %v apart", one, d)
	}
	if d := difference(one, int8); d == 0 || d > 0.02 {
		t.Errorf("int8 is %v from float32", d)
	}
	step := Work{Kind: kindStep, Size: "small", Mode: modeSoft, Batch: 5, Length: 16, Cores: 2}
	exact, half := outputs("", step), outputs("bf16", step)
	// λ·Σ j·mass(j; 1) = 1e-4 · (1 + … + 12) · 16
	if len(exact) != 1 || math.Abs(float64(exact[0][0])-math.Ln2-0.1248) > 0.01 {
		t.Errorf("objective %v, want about ln 2 and λ's part", exact)
	}
	if d := difference(exact, half); d == 0 || d > 0.001 {
		t.Errorf("the objective in bf16 is %v from float32's", d)
	}
}

// served is what our side puts out in one turn.
func served(t *testing.T, job Job) [][]float32 {
	t.Helper()
	in, to := io.Pipe()
	from, out := io.Pipe()
	done := make(chan error)
	go func() { done <- serve(in, out) }()
	answers := json.NewDecoder(from)
	var answer peer.Answer
	for _, request := range []any{job, peer.Turn{Do: peer.DoRun, Name: job.Name, Runs: 1}} {
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
	return answer.Logits
}

func TestArguments(t *testing.T) {
	for want, args := range map[string][]string{
		"-rows:":                  {"-rows", "("},
		`-rows "none" matches no`: {"-rows", "none"},
		"-turns is 0":             {"-rows", "^own/forward", "-turns", "0"},
		"run this from the root":  {"-python", "python"},
	} {
		if err := run(context.Background(), args); err == nil || !strings.HasPrefix(err.Error(), want) && !strings.HasSuffix(err.Error(), want+" of the repository") {
			t.Errorf("%q: %v, want %s", args, err, want)
		}
	}
}

// A row with every peer of the environment that oracles have, NNCF's left out, agrees and is
// recorded.
func TestOracleRow(t *testing.T) {
	python := os.Getenv("POWERBERT_RUNTIMES")
	if python == "" {
		t.Skip("POWERBERT_RUNTIMES names no interpreter; see internal/oracles")
	}
	out := t.TempDir()
	t.Chdir(filepath.Join("..", ".."))
	if err := run(t.Context(), []string{"-rows", "^forward/mini/8x128/power$|^texts/mini/sst2/power$", "-turns", "1", "-python", python, "-out", out}); err != nil {
		t.Fatal(err)
	}
	r, err := openReport(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Results {
		if got := len(row.Sides); row.is(kindForward) && got < 10 || got < 6 { // NNCF's two may be missing
			t.Errorf("%s: %d sides", row.Name, got)
		}
	}
}
