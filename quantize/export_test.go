package quantize

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/problem"
)

// exportOf is a job on the labels of a table.
func exportOf(t *testing.T, dir string, bound float64) Export {
	t.Helper()
	return Export{Dir: dir, File: filepath.Join(t.TempDir(), "model.onnx"), Bound: bound, Length: length,
		Texts: Texts{File: table(t, false), Columns: []string{"text"}, Label: "label"}}
}

// What is said of a file is what the model on the grids of its products says, and those are
// the products that the file has in int8.
func TestExportIsCompared(t *testing.T) {
	dir := saved(t, problem.Classification, keep())
	job := exportOf(t, dir, 1e9)
	got, err := job.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m, err := infer.Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	float := run(t, dir, job.Texts.File, "label")
	examples := data.Encode(readBare(t, job.Texts.File), m.Tokenizer, length)
	g, err := m.Grids(t.Context(), dir, examples, 1)
	if err != nil {
		t.Fatal(err)
	}
	in := slices.DeleteFunc(slices.Clone(g.Products), func(p model.Int8Product) bool { return !slices.Contains(got.Int8, p.Layers[0]) })
	c := got.Comparison
	if len(in) == 0 || len(in)+len(c.Left) != len(g.Products) || c.Products != len(g.Products) {
		t.Errorf("%d of %d products in int8, %d left", len(in), c.Products, len(c.Left))
	}
	said, err := g.With(in...).Follow(t.Context(), examples, 1)
	if err != nil {
		t.Fatal(err)
	}
	agreement, _ := float.Outputs.Agreement(&said.Outputs)
	if d := float.Outputs.Divergence(&said.Outputs); d == 0 || c.Divergence != d || *c.Agreement != agreement || !slices.Equal(c.ChangedPicks, float.ChangedPicks(said)) {
		t.Errorf("divergence %v and agreement %v, want %v and %v", c.Divergence, *c.Agreement, d, agreement)
	}
	if got.Calibrated != 61 || c.Examples != 61 || c.Out != job.File || c.Int8.Bytes != got.Bytes || c.Float32.Bytes <= 0 {
		t.Errorf("%+v of %+v", got, c)
	}
	if *c.Agreement < 0.985 || *c.Float32.Value-*c.Int8.Value > 0.003 {
		t.Errorf("agreement %v, accuracy %v of %v", *c.Agreement, *c.Int8.Value, *c.Float32.Value)
	}
}

// A bound of 0 is met by leaving out products until nothing moves, or nothing is left.
func TestExportOfNothing(t *testing.T) {
	job := exportOf(t, saved(t, problem.Classification, nil), 0)
	got, err := job.Run(t.Context())
	if err != nil || got.Comparison.Divergence != 0 {
		t.Fatalf("%+v (%v), want no divergence", got, err)
	}
	if len(got.Comparison.Left)+len(got.Int8) == 0 || len(got.Comparison.Left) == 0 {
		t.Errorf("%v in int8", got.Int8)
	}
}

// The labels and the metric are limits, too.
func TestWithin(t *testing.T) {
	limits := distance{0.005, 0.985, 0.003}
	for d, want := range map[distance]bool{
		{0.005, 0.985, 0.003}: true, {0, 1, -0.1}: true,
		{0.0051, 1, 0}: false, {0, 0.984, 0}: false, {0, 1, 0.0031}: false, {math.NaN(), 1, 0}: false,
	} {
		if d.within(limits) != want {
			t.Errorf("%v within %v: %v", d, limits, !want)
		}
	}
}

// Of an int8 directory its own answers are what the file is held against.
func TestExportOfInt8(t *testing.T) {
	dir := saved(t, problem.Regression, nil)
	texts := Texts{File: table(t, false), Columns: []string{"text"}, Label: "score"}
	if _, err := (Job{Dir: dir, Texts: texts, Bound: 1e9, Length: length}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	job := Export{Dir: dir + "-int8", Folder: t.TempDir(), Bound: 1e9, Length: length, Texts: texts}
	got, err := job.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	value, _, err := run(t, dir+"-int8", texts.File, "score").Outputs.Score("spearman")
	c := got.Comparison
	same := slices.Equal(got.Int8, []string{"bert.embeddings.word_embeddings"}) // whose numbers are the directory's
	if err != nil || *c.Float32.Value != value || c.Agreement != nil || (c.Divergence == 0) != same || c.Out != filepath.Join(job.Folder, "model.onnx") {
		t.Errorf("%+v (%v), want %v of the directory", c, err, value)
	}
}

func TestExportErrors(t *testing.T) {
	job := exportOf(t, saved(t, problem.Classification, nil), 1)
	for want, change := range map[string]func(e *Export){
		"no such file":             func(e *Export) { e.Dir = "nowhere" },
		"nothing says which texts": func(e *Export) { e.Texts = Texts{} },
		"want 17 to 23":            func(e *Export) { e.Opset = 16 },
	} {
		other := job
		change(&other)
		if _, err := other.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
