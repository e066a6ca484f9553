package paper

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/experiments/look/plots"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

func TestMain(m *testing.M) { exptest.Main(m) }

// figured is the directory of the tiny run that figures are made from.
func figured(t *testing.T) string {
	t.Helper()
	return exptest.Shared(t, exptest.Learned...)
}

// figure makes a figure of the tiny run.
func figure(t *testing.T, name string) *Figure {
	t.Helper()
	dir, o := subject(t, name)
	f, err := MakeFigure(t.Context(), name, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// subject is the tiny run as a figure wants it: as its directory, or among those of a
// table.
func subject(t *testing.T, name string) (dir string, o Options) {
	o = Options{Command: "train experiment", Program: "train of a test", Budget: time.Millisecond, Scales: []float64{0.5}}
	if strings.HasPrefix(name, "table") {
		o.Runs = []string{figured(t)}
		return t.TempDir(), o
	}
	return figured(t), o
}

// stage1 is the run of figure.
func stage1(t *testing.T) *report.Run {
	t.Helper()
	r, err := report.OpenFinetuned(figured(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFiguresAreSaved(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, name := range Figures() {
		f := figure(t, name)
		paths, err := f.Save()
		if err != nil || len(paths) != 3 || filepath.Base(paths[0]) != name+".json" {
			t.Fatalf("%s: paths %v, error %v", name, paths, err)
		}
		var files [3][]byte
		for i, path := range paths {
			if files[i], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		var read struct {
			Experiment, Command, Program, Processor, Model, Differs string
			Seed, Examples                                          int
			Result                                                  map[string]any
		}
		if err := json.Unmarshal(files[0], &read); err != nil || read.Experiment != name || read.Program != "train of a test" ||
			read.Processor == "" || len(read.Result) == 0 || name != "table2" && !strings.Contains(read.Differs, "4 encoders of width 16") {
			t.Errorf("%s.json holds %+v (%v)", name, read, err)
		}
		if f.Subject != nil && (read.Seed != 3 || read.Examples != 45) {
			t.Errorf("%s.json is of %+v", name, read)
		}
		if err := wellFormed(files[1]); err != nil {
			t.Errorf("%s.svg: %v", name, err)
		}
		if _, err := png.Decode(bytes.NewReader(files[2])); err != nil {
			t.Errorf("%s.png: %v", name, err)
		}
		var text strings.Builder
		if err := f.WriteText(&text); err != nil || !strings.Contains(text.String(), "- published: ") || !strings.Contains(text.String(), "- differs: ") {
			t.Errorf("%s as text (%v):\n%s", name, err, &text)
		}
	}
}

func wellFormed(text []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

// No figure of a run, and no report, outlives stage 1: the stages know all their files.
func TestFiguresGoWithStage1(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	exptest.Copy(t, dir, exptest.Learned...)
	files := []string{"report.html"}
	for _, name := range Figures() {
		if !strings.HasPrefix(name, "table") {
			files = append(files, name+".json", name+".svg", name+".png")
		}
	}
	for _, file := range files {
		exptest.Write(t, filepath.Join(dir, file), "")
	}
	e, err := rundir.ReadExperiment(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Finetune(t.Context(), e, pipeline.Options{Dir: dir, Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			t.Errorf("%s is still there", file)
		}
	}
}

// A figure says how it differs from the paper's, with the seeds of all models it shows.
func TestDiffers(t *testing.T) {
	r := stage1(t)
	for want, seeds := range map[string][]int{"stage 1 of one seed (3)": nil, "stage 1 of the seeds 3 8": {8, 3, 8}} {
		f := ofRun(r, &Cosine{}, nil, seeds...)
		if !strings.HasSuffix(f.Differs, want) || !strings.Contains(f.Differs, " word-pieces per example in the mean, cut to N = 40") {
			t.Errorf("differs: %q, want %q at the end", f.Differs, want)
		}
	}
}

func TestFiguresRefuseRuns(t *testing.T) {
	dir := figured(t)
	like := func(set string) string {
		t.Helper()
		other := t.TempDir()
		e, err := configs.Load(filepath.Join(dir, "experiment.yaml"), []string{set})
		if err == nil {
			err = os.WriteFile(filepath.Join(other, "experiment.yaml"), e.YAML(), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return other
	}
	other := like("data.max_length=30")
	for _, c := range []struct {
		name, dir string
		runs      []string
		want      string
	}{
		{"pareto", dir, []string{other}, "the section data of its experiment is not that of " + dir},
		{"pareto", dir, []string{like("seed=99")}, "the demo task makes its data from the seed, and 99 is not that of " + dir},
		{"pareto", dir, []string{t.TempDir()}, "no experiment.yaml here"},
		{"cosine", other, nil, "no complete finetune stage here; run `train finetune CONFIG --out " + other + "` first"},
	} {
		_, err := MakeFigure(t.Context(), c.name, c.dir, Options{Runs: c.runs})
		var state *rundir.StateError
		if !errors.As(err, &state) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want a state error with %q", c.name, err, c.want)
		}
	}
	if _, err := MakeFigure(t.Context(), "figure2", dir, Options{}); err == nil || !strings.Contains(err.Error(), "want one of cosine, ") {
		t.Errorf("an unknown experiment: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range Figures() {
		dir, o := subject(t, name)
		_, err := MakeFigure(ctx, name, dir, o)
		if !errors.Is(err, context.Canceled) && !errors.Is(err, pipeline.ErrInterrupted) {
			t.Errorf("%s in a cancelled context: %v", name, err)
		}
	}
}

// Names under a panel begin at its axis, and the legend, whatever its names, has the width of
// all panels.
func TestNamesHaveRoom(t *testing.T) {
	p := Pareto{Models: []TradeOff{{Kind: kinds[0], Dev: 0.9}, {Kind: kinds[1], Score: retention.ScoreValue, Soft: 1, CLS: 1, Budgets: 3, Dev: 0.8}}}
	for i := range p.Models {
		p.Models[i].Unpadded = Cost{MACs: 2e6 - 1e6*float64(i)}
	}
	panels, err := p.panels()
	if err != nil {
		t.Fatal(err)
	}
	legend := panels[0][0].Legend
	if wide := legend.Rectangle(draw.Canvas{}).Size().X; 1.2*wide > 2*panelWidth-vg.Centimeter {
		t.Errorf("the longest name takes %v of two panels of %v", wide, panelWidth)
	}
	hung := plots.New("", "", "")
	hang(hung, 1)
	if label := hung.X.Tick.Label; label.XAlign != draw.XLeft || label.Rotation >= 0 {
		t.Errorf("names stand at %v, turned by %v", label.XAlign, label.Rotation)
	}
}

// Figures and tables say, as the report of the run does, which rows chose its epochs.
func TestFiguresSayWhichRowsChose(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	dir := t.TempDir()
	exptest.Run(t, dir, "data.held_out=0.2")
	r, err := report.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	pareto, err := MakeFigure(t.Context(), "pareto", dir, Options{Budget: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	s, err := budgets(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	own, _ := table(t, "1", Options{Runs: []string{dir}})
	both, _ := table(t, "1", Options{Runs: []string{dir, figured(t)}})
	for _, c := range []struct {
		of   finding
		want string
	}{
		{pareto.Result, "12 rows that none of them learned chose the epochs of all; dev chose nothing."},
		{s, "12 rows that none of them learned chose the epochs of all; dev chose nothing."},
		{own, "Rows that none of them learned chose the epochs; dev chose nothing."},
		{both, "but for " + both.Rows[1].Name + ": there dev chose"},
	} {
		if notes := strings.Join(c.of.notes(), "\n"); !strings.Contains(notes, c.want) || strings.Contains(notes, "The dev set chose") {
			t.Errorf("%s: notes lack %q:\n%s", c.of.title(), c.want, notes)
		}
	}
	if got := chosen([]TaskRow{{}}); got != report.Chosen(0) {
		t.Errorf("where dev chose: %s", got)
	}
}
