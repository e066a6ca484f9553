package quantize

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

const length = 22 // tokens of a text

// saved is the directory of a model of random weights over the demo task's vocabulary.
func saved(t *testing.T, kind problem.Kind, r *retention.Configuration) string {
	t.Helper()
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir, c := filepath.Join(t.TempDir(), "model"), arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = tok.Size(), 36, 3, 3
	c.IntermediateSize, c.MaxPositionEmbeddings, c.InitializerRange, c.PowerRetention = 50, 64, 0.3, r
	labels := data.DemoLabels()
	if !kind.Labelled() {
		labels = []string{"score"}
	}
	c.SetProblem(kind, labels)
	p := model.NewParams[float32](c)
	p.Init(3)
	if err := errors.Join(tok.Save(dir), model.Save(dir, c, p)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// table writes reviews of the demo task as a table with labels and scores, the labels
// turned about if need be.
func table(t *testing.T, turned bool) string {
	t.Helper()
	_, dev := data.DemoTask(data.DemoSize{Train: 1, Dev: 61, Seed: 9})
	var text strings.Builder
	text.WriteString("text\tlabel\tscore\n")
	for i, e := range dev.Examples {
		label := e.Label
		if turned {
			label = 1 - label
		}
		text.WriteString(strings.Join([]string{e.Text, dev.Labels[label], string(rune('0' + i%7))}, "\t") + "\n")
	}
	path := filepath.Join(t.TempDir(), "reviews.tsv")
	if err := os.WriteFile(path, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func keep() *retention.Configuration {
	return &retention.Configuration{MaxLength: length, Ranks: "absolute", Keep: []int{13, 7, 3}}
}

// run is the outputs of a directory's model on the table, with the truth in a column.
func run(t *testing.T, dir, path, label string) *infer.Followed {
	t.Helper()
	m, err := infer.Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	src := data.Source{Task: data.TaskTable, Text: []string{"text"}, Label: label, Scores: m.Scores()}
	set, err := data.LoadFile(src, path, m.Config.Labels())
	if err != nil {
		t.Fatal(err)
	}
	f, err := m.Follow(t.Context(), data.Encode(set, m.Tokenizer, length), 1)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What is said of the precisions is what the two directories say.
func TestComparisonIsOfTheDirectories(t *testing.T) {
	for _, c := range []struct {
		kind   problem.Kind
		r      *retention.Configuration
		label  string
		metric string
	}{{problem.Classification, nil, "label", "accuracy"}, {problem.Classification, keep(), "label", "accuracy"}, {problem.Regression, keep(), "score", "spearman"}} {
		dir, path := saved(t, c.kind, c.r), table(t, false)
		job := Job{Dir: dir, Texts: Texts{File: path, Columns: []string{"text"}, Label: c.label}, Bound: 0.002, Length: length}
		got, err := job.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		float, int8 := run(t, dir, path, c.label), run(t, dir+"-int8", path, c.label)
		mean, most := float.Outputs.Moves(&int8.Outputs)
		if got.Divergence != float.Outputs.Divergence(&int8.Outputs) || got.MeanMove != mean || got.MostMove != most || most == 0 || got.Divergence > 0.002 {
			t.Errorf("%s: divergence %v, moves %v and %v, want those of the directories, %v and %v", c.kind, got.Divergence, got.MeanMove, got.MostMove, mean, most)
		}
		interval, err := problem.Differences(c.metric, [2]*problem.Outputs{&float.Outputs, &int8.Outputs})
		if err != nil || *got.Interval != interval || c.kind == problem.Regression && interval.Low == -interval.High {
			t.Errorf("%s: the difference is %+v, want %+v (%v)", c.kind, *got.Interval, interval, err)
		}
		agreement, ok := float.Outputs.Agreement(&int8.Outputs)
		if wanted := map[bool]float64{true: 60.0 / 61}[ok]; got.Wanted != wanted || got.Bound != 0.002 {
			t.Errorf("%s: of the labels %v are wanted and a bound of %v, want %v", c.kind, got.Wanted, got.Bound, wanted)
		}
		if ok != (got.Agreement != nil) || ok && *got.Agreement != agreement {
			t.Errorf("%s: agreement %v, want %v", c.kind, got.Agreement, agreement)
		}
		for _, side := range []struct {
			name string
			got  Side
			want *infer.Followed
			dir  string
		}{{"float32", got.Float32, float, dir}, {"int8", got.Int8, int8, dir + "-int8"}} {
			value, _, err := side.want.Outputs.Score(c.metric)
			if err != nil || *side.got.Value != value {
				t.Errorf("%s, %s: %s is %v, want %v (%v)", c.kind, side.name, got.Metric, *side.got.Value, value, err)
			}
			if bytes, err := model.WeightsBytes(side.dir); err != nil || bytes != side.got.Bytes {
				t.Errorf("%s, %s: %d bytes, want %d (%v)", c.kind, side.name, side.got.Bytes, bytes, err)
			}
			if !(side.got.Milliseconds > 0) {
				t.Errorf("%s, %s: a text takes %v ms", c.kind, side.name, side.got.Milliseconds)
			}
		}
		if c.r == nil && got.ChangedPicks != nil || c.r != nil && !slices.Equal(got.ChangedPicks, float.ChangedPicks(int8)) {
			t.Errorf("%s: changed picks %v", c.kind, got.ChangedPicks)
		}
		text, err := os.ReadFile(filepath.Join(dir+"-int8", "quantize.json"))
		var stands Comparison
		if err != nil || json.Unmarshal(text, &stands) != nil || !reflect.DeepEqual(&stands, got) {
			t.Errorf("%s: quantize.json has %s (%v)", c.kind, text, err)
		}
	}
}

// What is left in float32 suffices, in the order of what it costs alone: the dearest are left
// out until the bound is met and enough labels agree, and then the largest taken back with which
// that is so still. The labels have no part in it.
func TestChoiceIsLeast(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	back := 0
	for _, c := range []struct {
		r     *retention.Configuration
		bound func(whole float64) float64
	}{
		{nil, func(whole float64) float64 { return whole }},
		{nil, func(whole float64) float64 { return math.Nextafter(whole, 0) }},
		{keep(), func(whole float64) float64 { return whole / 4 }},
	} {
		dir, path := saved(t, problem.Classification, c.r), table(t, false)
		job := Job{Dir: dir, Texts: Texts{File: path, Bare: true, Columns: []string{"text"}}, Bound: 1e9, Length: length}
		whole, err := job.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		job.Bound = c.bound(whole.Divergence)
		got, err := job.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want, taken := chosen(t, job)
		back += taken
		if len(want) == got.Products || got.Divergence > job.Bound || *got.Agreement < 60.0/61 || !reflect.DeepEqual(got.Left, want) {
			t.Errorf("divergence %v of at most %v, %v of the labels with %v in float32, want %v", got.Divergence, job.Bound, *got.Agreement, got.Left, want)
		}
		for _, turned := range []bool{false, true} {
			job.Texts = Texts{File: table(t, turned), Columns: []string{"text"}, Label: "label"}
			if c.r == nil {
				break
			}
			again, err := job.Run(t.Context())
			if err != nil || !reflect.DeepEqual(again.Left, got.Left) || again.Divergence != got.Divergence {
				t.Errorf("with labels (turned: %v) %v stay in float32, want %v (%v)", turned, again.Left, got.Left, err)
			}
		}
	}
	if back == 0 {
		t.Error("no product is taken back, so that the test says less than it should")
	}
}

// chosen is what a job leaves in float32, by the description, and how many products it left out
// besides and took back.
func chosen(t *testing.T, job Job) (left []Left, back int) {
	t.Helper()
	p, err := infer.OpenPrecisions(job.Dir, length)
	if err != nil {
		t.Fatal(err)
	}
	float := run(t, job.Dir, job.Texts.File, "label")
	examples := data.Encode(readBare(t, job.Texts.File), p.Tokenizer, length)
	if err := p.Smooth(t.Context(), examples, 1); err != nil {
		t.Fatal(err)
	}
	distance := func(in ...model.Int8Product) (divergence, agreement float64) {
		pass, err := p.With(in...).Run(t.Context(), examples, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		agreement, _ = float.Outputs.Agreement(&pass.Outputs)
		return float.Outputs.Divergence(&pass.Outputs), agreement
	}
	suffices := func(left []Left) bool {
		d, a := distance(slices.DeleteFunc(slices.Clone(p.Products), func(x model.Int8Product) bool {
			return slices.ContainsFunc(left, func(l Left) bool { return l.Layers[0] == x.Layers[0] })
		})...)
		return d <= job.Bound && a >= 60.0/61
	}
	elements := map[string]int{}
	var dearest []Left
	for _, x := range p.Products {
		alone, _ := distance(x)
		dearest, elements[x.Layers[0]] = append(dearest, Left{x.Layers, alone}), x.Elements()
	}
	slices.SortStableFunc(dearest, func(a, b Left) int { return cmp.Compare(b.Divergence, a.Divergence) })
	for !suffices(left) {
		left = dearest[:len(left)+1]
	}
	largest := slices.Clone(left)
	slices.SortStableFunc(largest, func(a, b Left) int { return cmp.Compare(elements[b.Layers[0]], elements[a.Layers[0]]) })
	for _, l := range largest {
		less := slices.DeleteFunc(slices.Clone(left), func(x Left) bool { return x.Layers[0] == l.Layers[0] })
		if suffices(less) {
			left, back = less, back+1
		}
	}
	return left, back
}

func readBare(t *testing.T, path string) *data.Set {
	t.Helper()
	c := arch.DefaultBERT()
	set, err := Texts{File: path, Bare: true, Columns: []string{"text"}}.bare(nil, &c)
	if err != nil {
		t.Fatal(err)
	}
	return set.Set
}

// A bound of 0 leaves a model that is float32's to the bit.
func TestBoundOfNothing(t *testing.T) {
	dir, path := saved(t, problem.Classification, nil), table(t, false)
	got, err := Job{Dir: dir, Texts: Texts{File: path, Bare: true, Columns: []string{"text"}}, Length: length}.Run(t.Context())
	if err != nil || got.Divergence != 0 || got.Metric != "" || got.Int8.Value != nil {
		t.Fatalf("%+v (%v), want no divergence and no metric", got, err)
	}
	a, b := run(t, dir, path, "label"), run(t, dir+"-int8", path, "label")
	if len(got.Left) == got.Products && !reflect.DeepEqual(a.Outputs, b.Outputs) {
		t.Error("all layers are in float32, but the answers are others")
	}
	if _, most := a.Outputs.Moves(&b.Outputs); most > 1e-6 {
		t.Errorf("a probability moves by %v", most)
	}
}

// Only an int8 model is replaced.
func TestNothingElseIsReplaced(t *testing.T) {
	dir, path := saved(t, problem.Classification, nil), table(t, false)
	job := Job{Dir: dir, Out: dir, Texts: Texts{File: path, Bare: true, Columns: []string{"text"}}, Bound: 1, Length: length}
	if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "holds no int8 model, which alone would be replaced") {
		t.Errorf("error %v", err)
	}
	job.Out = t.TempDir()
	if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "holds no int8 model") {
		t.Errorf("of an empty folder: error %v", err)
	}
	job.Out = ""
	for range 2 {
		if _, err := job.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// In a run directory where another process is at work nothing is written.
func TestBusyRunIsLeftAlone(t *testing.T) {
	run := t.TempDir()
	dir, path := filepath.Join(run, "finetune"), table(t, false)
	if err := os.CopyFS(dir, os.DirFS(saved(t, problem.Classification, nil))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run, "experiment.yaml"), []byte("name: x\ndata: {task: demo}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	release, err := rundir.Hold(run)
	if err != nil {
		t.Fatal(err)
	}
	job := Job{Dir: dir, Texts: Texts{File: path, Bare: true, Columns: []string{"text"}}, Bound: 1, Length: length}
	if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "another process is at work on it") {
		t.Errorf("error %v", err)
	}
	release()
	if _, err := job.Run(t.Context()); err != nil {
		t.Error(err)
	}
}

// Of few texts one may differ, of many a share.
func TestAgreement(t *testing.T) {
	for n, want := range map[int]float64{10: 0.9, 61: 60.0 / 61, 1000: 0.985} {
		if got := (&work{examples: make([]data.Encoded, n)}).agreement(); math.Abs(got-want) > 1e-12 {
			t.Errorf("of %d texts %v are to agree, want %v", n, got, want)
		}
	}
}

// The default bound is small against what a classifier is wrong by.
func TestDefaultBoundMovesLittle(t *testing.T) {
	if tv := math.Sqrt(DefaultBound / 2); tv > 0.071 { // Pinsker: the most that probabilities move by, in the mean
		t.Errorf("probabilities may move by %v", tv)
	}
}
