package pipeline

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
)

// four is tiny with a teacher of four encoders.
func four(t testing.TB, overrides ...string) *configs.Experiment {
	t.Helper()
	return tiny(t, append([]string{"encoder.layers=4", "finetune.epochs=1", "distil.epochs=1", "distil.batch_size=16", "distil.lr=1e-3"}, overrides...)...)
}

// school is a run directory of four after stage 1.
func school(t *testing.T, overrides ...string) string {
	t.Helper()
	return original(t, "school"+strings.Join(overrides, ""), func(dir string) error {
		_, err := Finetune(background, four(t, overrides...), Options{Dir: dir})
		return err
	})
}

func TestStudents(t *testing.T) {
	long(t)
	dir := school(t)
	for _, s := range []Student{{configs.MethodDistilBERT, 0}, {configs.MethodDistilBERT, 1}, {configs.MethodPKD, 2}} {
		r, err := Distil(background, four(t), Options{Dir: dir}, s)
		if err != nil {
			t.Fatal(err)
		}
		c, err := model.ReadConfig(r.Dir)
		if err != nil {
			t.Fatal(err)
		}
		layers := s.Layers
		if layers == 0 {
			layers = 2
		}
		if c.NumHiddenLayers != layers || c.PowerRetention != nil || filepath.Base(r.Dir) != r.Stage {
			t.Errorf("%+v has %d encoders, in %s", s, c.NumHiddenLayers, r.Dir)
		}
		e, err := Evaluate(background, r.Dir, EvaluateOptions{})
		if err != nil || e.Value != r.Dev || e.Loss != r.Loss {
			t.Errorf("%+v: the loaded model comes to %+v (%v), in training to %+v", s, e, err, r)
		}
	}
	if names := rundir.Students(dir); !slices.Equal(names, []string{"distilbert-1", "distilbert-2", "pkd-2"}) {
		t.Errorf("students %v", names)
	}
	// One student's settings are not another's, nor the search's, and all stand on stage 1.
	pkd, other := Student{configs.MethodPKD, 2}, four(t, "distil.pkd.beta=1")
	if _, err := Distil(background, other, Options{Dir: dir}, pkd); err == nil ||
		!strings.Contains(err.Error(), "holds the pkd-2 stage of another experiment (distil.pkd.beta: 100 → 1)") {
		t.Errorf("another beta: %v", err)
	}
	if _, err := Distil(background, other, Options{Dir: dir, Overwrite: true}, pkd); err != nil {
		t.Errorf("another beta instead: %v", err)
	}
	if _, err := Distil(background, four(t), Options{Dir: dir}, Student{configs.MethodDistilBERT, 2}); err != nil {
		t.Errorf("a student beside one of another beta: %v", err)
	}
	if _, err := Search(background, four(t, "search.lambda=0.5"), Options{Dir: dir}); err != nil {
		t.Errorf("a search beside students: %v", err)
	}
	if _, err := Distil(background, four(t), Options{Dir: dir, Overwrite: true}, Student{configs.MethodPKD, 2}); err != nil {
		t.Errorf("a student beside a search of another lambda: %v", err)
	}
	if now, err := configs.Load(filepath.Join(dir, "experiment.yaml"), nil); err != nil || now.Search.Lambda != 0.5 {
		t.Errorf("experiment.yaml says that the search had lambda %v (%v), want 0.5", now.Search.Lambda, err)
	}
	if _, err := Finetune(background, four(t), Options{Dir: dir, Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"distilbert-1", "distilbert-2", "pkd-2", "search"} {
		if exists(filepath.Join(dir, name)) {
			t.Errorf("%s, which stood on stage 1, is still there", name)
		}
	}
}

// Every term has a say in what is learned.
func TestStudentsTerms(t *testing.T) {
	long(t)
	seen := map[string]string{}
	for _, c := range []struct{ method, set string }{
		{"distilbert", ""}, {"distilbert", "distil.distilbert.cosine=0"}, {"distilbert", "distil.distilbert.hard=0"},
		{"distilbert", "distil.distilbert.soft=1"}, {"distilbert", "distil.distilbert.temperature=1"},
		{"pkd", ""}, {"pkd", "distil.pkd.beta=0"}, {"pkd", "distil.pkd.alpha=1"}, {"pkd", "distil.pkd.temperature=1"},
	} {
		var set []string
		if c.set != "" {
			set = []string{c.set}
		}
		r, err := Distil(background, four(t, set...), Options{Dir: school(t)}, Student{c.method, 2})
		if err != nil {
			t.Fatal(err)
		}
		weights, err := os.ReadFile(filepath.Join(r.Dir, "model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[string(weights)]; ok {
			t.Errorf("%s %s learns what %s learns", c.method, c.set, other)
		}
		seen[string(weights)] = c.method + " " + c.set
	}
}

func TestInterruptedStudentGoesOn(t *testing.T) {
	long(t)
	for _, s := range []Student{{configs.MethodDistilBERT, 2}, {configs.MethodPKD, 2}} {
		want, dir, name := school(t), school(t), s.Method+"-2"
		if _, err := Distil(background, four(t), Options{Dir: want}, s); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(background)
		if _, err := Distil(ctx, four(t), Options{Dir: dir, Report: when{name, 3, cancel}}, s); !errors.Is(err, ErrInterrupted) {
			t.Fatal(err)
		}
		if _, err := Distil(background, four(t), Options{Dir: dir, Resume: true}, s); err != nil {
			t.Fatal(err)
		}
		sameFile(t, filepath.Join(dir, name, "model.safetensors"), filepath.Join(want, name, "model.safetensors"))
		sameSteps(t, filepath.Join(dir, name, "metrics.jsonl"), filepath.Join(want, name, "metrics.jsonl"))
	}
}

// The first step of a student, from the experiment to loss and gradients, is PyTorch's:
// with the published weights of DistilBERT's terms, which are the defaults, however the
// examples are dealt out.
func TestGoldenStudents(t *testing.T) {
	golden := gradcheck.Golden(t, "students")
	config := arch.DefaultBERT()
	config.VocabSize, config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads = 20, 6, 6, 2
	config.IntermediateSize, config.MaxPositionEmbeddings = 10, 9
	config.HiddenDropoutProb, config.AttentionProbsDropoutProb = 0, 0
	config.SetLabels([]string{"a", "b", "c"})
	teacher := model.NewParams[float32](config)
	for _, tensor := range teacher.Tensors() {
		copy(teacher.Slice(tensor.Name), gradcheck.Cast[float32](t, golden, "weight."+tensor.Name))
	}
	e := four(t, "distil.batch_size=2", "distil.accumulate=2", "distil.pkd.alpha=0.2")
	var b model.Batch
	fillGolden(t, golden, &b)
	var examples []data.Encoded
	for s, label := range b.Labels {
		from, to, _ := b.Bounds(s)
		examples = append(examples, data.Encoded{IDs: b.IDs[from:to], Types: b.Types[from:to], Label: label})
	}
	for _, method := range []string{configs.MethodDistilBERT, configs.MethodPKD} {
		want := golden.Sub(method)
		student := (&Student{method, 3}).stage(e, config, teacher)
		student.learner.Teacher = student.learner.Teacher.Apart()
		for _, workers := range []int{1, 2} {
			s, err := train.NewStepper(student.learner, plan.Of(e, student.name, len(examples), 0), workers, 0)
			if err != nil {
				t.Fatal(err)
			}
			loss, err := s.Gradients(examples, predict.Between(0, len(examples)), 1)
			if err != nil {
				t.Fatal(err)
			}
			gradcheck.Match(t, want, "loss", []float64{loss}, gradcheck.Tolerance32)
			for _, name := range want.Sub("grad").Names() {
				tensor, _ := student.learner.Params.Lookup(name)
				gradcheck.Match(t, want, "grad."+name, s.Grad.Theta[tensor.Offset:tensor.Offset+tensor.Size], gradcheck.Tolerance32)
			}
		}
	}
}

// A student of as many encoders begins as its teacher, and without the labels and
// dropout has nothing to learn: each encoder gets what it should, in its rows,
// however the batch is dealt out and padded, and whatever the kind and the family.
func TestStudentBeginsAsItsTeacher(t *testing.T) {
	long(t)
	alike := []string{"encoder.dropout=0", "encoder.attention_dropout=0", "distil.distilbert.hard=0", "distil.pkd.alpha=1", "finetune.epochs=1"}
	set := func(more ...string) []string { return slices.Concat(alike, []string{"encoder.layers=4"}, more) }
	for name, e := range map[string]*configs.Experiment{
		"packed": four(t, set()...), "padded": four(t, set("data.pad=true")...),
		"regression": problemOf(t, data.TaskSTSB, set()...), "multiple choice": problemOf(t, data.TaskRACE, set()...),
		"albert": albert(t, set()...),
	} {
		r := &run{Options: Options{Dir: t.TempDir()}, exp: e}
		if _, err := Finetune(background, e, r.Options); err != nil {
			t.Fatal(err)
		}
		task, err := loadTask(background, e, Options{}.prepare(e))
		if err != nil {
			t.Fatal(err)
		}
		config, params, err := (&source{r, task}).from(configs.StageFinetune)
		if err != nil {
			t.Fatal(err)
		}
		for _, method := range []string{configs.MethodDistilBERT, configs.MethodPKD} {
			student := (&Student{method, 4}).stage(e, config, params)
			student.learner.Teacher = student.learner.Teacher.Apart()
			s, err := train.NewStepper(student.learner, r.plan(student.name, task), 2, task.PadTo)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second batch must not see the first's teacher
				loss, err := s.Gradients(task.Train, []int{0, 1, 2, 3, 4, 5, 6}, 1)
				if err != nil || math.Abs(loss) > 1e-5 {
					t.Errorf("%s, %s: the loss is %v (%v), want 0", name, method, loss, err)
				}
			}
		}
	}
}

// A student of another kind or family is one itself, and an ALBERT's has its one
// encoder half as often.
func TestStudentsOfOtherTeachers(t *testing.T) {
	long(t)
	set := []string{"encoder.layers=4", "finetune.epochs=1", "distil.epochs=1"}
	for kind, e := range map[problem.Kind]*configs.Experiment{
		problem.Regression: problemOf(t, data.TaskSTSB, append(set, "data.metric=pearson")...), problem.MultipleChoice: problemOf(t, data.TaskRACE, set...),
		problem.Classification: albert(t, set...),
	} {
		dir := t.TempDir()
		first, err := Finetune(background, e, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		for _, method := range []string{configs.MethodDistilBERT, configs.MethodPKD} {
			r, err := Distil(background, e, Options{Dir: dir}, Student{method, 2})
			if err != nil {
				t.Fatal(err)
			}
			checkEvaluation(t, r)
			c, err := model.ReadConfig(r.Dir)
			if err != nil || c.Problem() != kind || c.NumHiddenLayers != 2 || (r.Params == first.Params) != (len(c.Net().Weighted()) == 1) {
				t.Errorf("%s of %s: %s of %d encoders and %d parameters, %v", method, kind, c.Problem(), c.NumHiddenLayers, r.Params, err)
			}
		}
	}
}

// Which encoders of the teacher a student begins as, and follows.
func TestStudentsEncoders(t *testing.T) {
	e := four(t)
	r := &run{Options: Options{Dir: school(t)}, exp: e}
	task, err := loadTask(background, e, Options{}.prepare(e))
	if err != nil {
		t.Fatal(err)
	}
	config, teacher, err := (&source{r, task}).from("finetune")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		Student
		first, follows []int
	}{
		{Student{configs.MethodDistilBERT, 2}, []int{0, 2}, nil},
		{Student{configs.MethodDistilBERT, 1}, []int{0}, nil},
		{Student{configs.MethodPKD, 2}, []int{0, 1}, []int{1}},
		{Student{configs.MethodPKD, 4}, []int{0, 1, 2, 3}, []int{0, 1, 2}},
	} {
		learner := c.stage(e, config, teacher).learner
		if !slices.Equal(learner.Teacher.Follows, c.follows) {
			t.Errorf("%+v follows %v, want %v", c.Student, learner.Teacher.Follows, c.follows)
		}
		for j, k := range c.first {
			const name = ".attention.self.value.weight"
			layer := func(n int) string { return "bert.encoder.layer." + string(rune('0'+n)) + name }
			if !slices.Equal(learner.Params.Slice(layer(j)), teacher.Slice(layer(k))) {
				t.Errorf("%+v: encoder %d does not begin as the teacher's %d", c.Student, j, k)
			}
		}
		for _, name := range []string{"bert.embeddings.word_embeddings.weight", "classifier.weight"} {
			if !slices.Equal(learner.Params.Slice(name), teacher.Slice(name)) {
				t.Errorf("%+v: %s is not the teacher's", c.Student, name)
			}
		}
	}
}

func TestStudentsThatCannotBe(t *testing.T) {
	dir, none := school(t), empty(t)
	first := filepath.Join(dir, "finetune")
	for _, c := range []struct {
		Student
		dir, want string
	}{
		{Student{configs.MethodPKD, 2}, none, none + ": no complete finetune stage here; run `train finetune CONFIG --out " + none + "` first"},
		{Student{configs.MethodPKD, 5}, dir, first + ": has 4 encoders, so a student of 5 is none; want 1 to 3"},
		{Student{configs.MethodDistilBERT, 4}, dir, first + ": has 4 encoders, so a student of 4 is none; want 1 to 3"},
		{Student{configs.MethodPKD, 1}, dir, first + ": has no encoder that a student of 1 could follow before its last; want 2 or more for pkd"},
	} {
		keeps(t, dir, func() {
			_, err := Distil(background, four(t), Options{Dir: c.dir}, c.Student)
			fails(t, err, c.want)
		})
	}
}
