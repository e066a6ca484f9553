package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
)

// tinyVocabulary is [CLS] and so on, and the words of the tests' examples.
const tinyVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\nw\nx\ny\nz\n"

// similar is STS-B in its layout: two sentences that share none to all of their
// words, n pairs of them.
func similar(n int, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 1))
	text := "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
	for i := range n {
		shared := random.IntN(5)
		second := strings.Fields("w x y z")
		for k := range shared {
			second[k] = string(rune('a' + k))
		}
		text += fmt.Sprintf("%d\tg\tf\t2012\t%d\tnone\tnone\ta b c d\t%s\t%.3f\n", i, i, strings.Join(second, " "), 1.25*float64(shared))
	}
	return text
}

// questions is passages of RACE, one with two questions, whose right option is the
// one with an "a".
func questions(n int, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 2))
	p := map[string]any{"id": "high1.txt", "article": strings.Repeat("x y z ", 1+random.IntN(4))}
	var asked, answers []string
	var options [][]string
	for range n {
		right, list := random.IntN(4), []string{"b", "c d", "d", "b c"}
		list[right] = "a " + list[right]
		asked, answers, options = append(asked, []string{"w _ w", "w"}[random.IntN(2)]), append(answers, "ABCD"[right:right+1]), append(options, list)
	}
	p["questions"], p["answers"], p["options"] = asked, answers, options
	text, _ := json.Marshal(p) // plain values only
	return string(text)
}

// labelled is n texts of JSON lines with any of three labels, each of which has a word of
// its own.
func labelled(n int, seed uint64) (text string) {
	random := rand.New(rand.NewPCG(seed, 3))
	for range n {
		words, labels := strings.Fields("x y z"), []string{}
		for k, one := range []int{2, 3, 6} {
			if random.IntN(one) == 0 {
				words, labels = append(words, string(rune('a'+k))), append(labels, "has "+string(rune('a'+k)))
			}
		}
		random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		row, _ := json.Marshal(map[string]any{"text": strings.Join(words, " "), "labels": labels}) // plain values only
		text += string(row) + "\n"
	}
	return text
}

// severalLabels are the overrides for a table of labelled texts.
func severalLabels(t *testing.T, dir string) []string {
	t.Helper()
	write(t, filepath.Join(dir, "train.jsonl"), labelled(300, 1))
	write(t, filepath.Join(dir, "dev.jsonl"), labelled(60, 2))
	return []string{"data.train=train.jsonl", "data.dev=dev.jsonl", "data.text=[text]", "data.label=labels", "data.multi_label=true", "data.metric=micro_f1"}
}

// problem is a small experiment of a task, with its files.
func problemOf(t *testing.T, task string, overrides ...string) *configs.Experiment {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "vocab.txt"), tinyVocabulary)
	switch task {
	case data.TaskSTSB:
		write(t, filepath.Join(dir, "train.tsv"), similar(90, 1))
		write(t, filepath.Join(dir, "dev.tsv"), similar(30, 2))
	case data.TaskRACE:
		for i := range uint64(30) {
			write(t, filepath.Join(dir, "train", []string{"middle", "high"}[i%2], fmt.Sprint(i, ".txt")), questions(3, i))
		}
		write(t, filepath.Join(dir, "dev", "high", "1.txt"), questions(20, 99))
	}
	if task == data.TaskTable {
		overrides = append(severalLabels(t, dir), append(overrides, "encoder.hidden=32")...)
	}
	metric := map[string]string{data.TaskSTSB: "spearman"}[task]
	if metric == "" {
		metric = "accuracy"
	}
	return tiny(t, append([]string{"data.task=" + task, "data.dir=" + dir, "data.metric=" + metric,
		"tokenizer.vocab=" + filepath.Join(dir, "vocab.txt"), "data.max_length=24"}, overrides...)...)
}

// A regression, multiple choice and labels by themselves learn what is easy in all three stages, and are
// saved as what they are.
func TestProblemsAreLearnt(t *testing.T) {
	long(t)
	for task, want := range map[string]struct {
		problem problem.Kind
		class   string
		lr      string
		epochs  [3]int
		loss    float64 // half of what the mean score costs, or a guess among four
	}{
		data.TaskSTSB:  {problem.Regression, "BertForSequenceClassification", "4e-3", [3]int{12, 4, 4}, 1.5},
		data.TaskRACE:  {problem.MultipleChoice, "BertForMultipleChoice", "4e-3", [3]int{12, 4, 4}, math.Log(4) / 2},
		data.TaskTable: {problem.MultiLabel, "BertForSequenceClassification", "8e-3", [3]int{14, 3, 4}, math.Log(2) / 2},
	} {
		t.Run(task, func(t *testing.T) {
			e := problemOf(t, task, fmt.Sprint("finetune.epochs=", want.epochs[0]), "finetune.lr="+want.lr, "finetune.accumulate=1", fmt.Sprint("search.epochs=", want.epochs[1]), "search.lr=4e-3", "search.lambda=1e-3", "search.ranks=relative",
				fmt.Sprint("retrain.epochs=", want.epochs[2]), "retrain.lr=4e-3", "encoder.dropout=0", "encoder.attention_dropout=0")
			if task == data.TaskSTSB {
				e.Data.Metric = "pearson" // which goes with the loss; the order may be right by accident
			}
			dir := filepath.Join(t.TempDir(), "run")
			results, err := Run(background, e, Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				t.Logf("%s: %s %.4f %v, loss %.4f", r.Stage, r.Metric, r.Dev, r.Also, r.Loss)
				checkEvaluation(t, r)
			}
			if last := results[2]; last.Dev < 0.9 || last.Loss > want.loss {
				t.Errorf("%s is %.4f and loss %.4f in the end, want 0.9 or more and %.4f or less", last.Metric, last.Dev, last.Loss, want.loss)
			}
			c, err := model.ReadConfig(filepath.Join(dir, "retrain"))
			if err != nil || c.Problem() != want.problem || c.Architectures[0] != want.class || c.Outputs() != map[bool]int{false: 1, true: 3}[task == data.TaskTable] ||
				len(c.Thresholds) != 3*(c.Outputs()/3) {
				t.Errorf("config.json says %s, %v, %d outputs, %v", c.Problem(), c.Architectures, c.Outputs(), err)
			}
		})
	}
}

// checkEvaluation wants the figures of a stage again from its directory.
func checkEvaluation(t *testing.T, r *rundir.Result) {
	t.Helper()
	e, err := Evaluate(background, r.Dir, EvaluateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(e.Value-r.Dev) > 1e-6 || math.Abs(e.Loss-r.Loss) > 1e-5 || len(e.Also) != len(r.Also) {
		t.Errorf("%s: evaluation gives %.6f %v, loss %.6f, want %.6f %v, %.6f", r.Stage, e.Value, e.Also, e.Loss, r.Dev, r.Also, r.Loss)
	}
	if regression := r.Metric == "pearson"; regression != (e.Classes == nil) {
		t.Errorf("%s: classes are %v", r.Stage, e.Classes)
	}
}

// A stage that is interrupted in the middle of an epoch ends with the same bits.
func TestProblemsResumeToTheSameBits(t *testing.T) {
	long(t)
	for task, sampling := range map[string]string{data.TaskSTSB: configs.SampleEach, data.TaskRACE: configs.SampleEach, data.TaskTable: configs.SampleBalanced} {
		t.Run(task, func(t *testing.T) {
			e := problemOf(t, task, "finetune.sampling="+sampling)
			whole, broken := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "run")
			if _, err := Run(background, e, Options{Dir: whole}); err != nil {
				t.Fatal(err)
			}
			for _, stage := range stages {
				ctx, cancel := context.WithCancel(background)
				if _, err := stageFuncs[stage](ctx, e, Options{Dir: broken, Report: when{stage, 3, cancel}}); !errors.Is(err, ErrInterrupted) {
					t.Fatalf("interrupted %s ends with %v", stage, err)
				}
				if _, err := stageFuncs[stage](background, e, Options{Dir: broken, Resume: true}); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range results {
				sameFile(t, filepath.Join(broken, name), filepath.Join(whole, name))
			}
		})
	}
}

// The sequences of an example stay on one worker, one after another.
func TestOptionsStayTogether(t *testing.T) {
	var all []data.Encoded
	for i := range 7 {
		var e data.Encoded
		for k := range 4 {
			ids := make([]int32, 2+(3*i+k)%5)
			ids[0] = int32(10*i + k)
			e.Choices = append(e.Choices, data.Encoded{IDs: ids, Types: make([]int32, len(ids))})
		}
		e.Label = i % 4
		all = append(all, e)
	}
	seen := 0
	for _, part := range predict.Split(all, []int{6, 2, 4, 1, 0}, 3, 0) {
		b := &model.Batch{}
		predict.Fill(b, all, part, 0)
		if b.Sequences() != 4*len(part) {
			t.Fatalf("%d sequences of %d examples", b.Sequences(), len(part))
		}
		for s := range b.Sequences() {
			from, _, _ := b.Bounds(s)
			if i := part[s/4]; b.IDs[from] != int32(10*i+s%4) || b.Labels[s] != i%4 {
				t.Errorf("sequence %d begins with %d and has label %d, want option %d of example %d", s, b.IDs[from], b.Labels[s], s%4, i)
			}
		}
		seen += len(part)
	}
	if seen != 5 {
		t.Errorf("%d examples were dealt out, want 5", seen)
	}
}

// MNLI's second dev set is scored with every model that is kept, and in an evaluation.
func TestSecondDevSet(t *testing.T) {
	long(t)
	dir := t.TempDir()
	row := func(second, label string, n int) string { return strings.Repeat("a b\t"+second+"\t"+label+"\n", n) }
	header := "sentence1\tsentence2\tgold_label\n"
	write(t, filepath.Join(dir, "vocab.txt"), tinyVocabulary)
	write(t, filepath.Join(dir, "train.tsv"), header+row("c", "entailment", 20)+row("w", "neutral", 20)+row("z", "contradiction", 20))
	write(t, filepath.Join(dir, "dev_matched.tsv"), header+row("c", "entailment", 5)+row("w", "neutral", 5))
	write(t, filepath.Join(dir, "dev_mismatched.tsv"), header+row("c", "entailment", 3)+row("c", "neutral", 1))
	e := tiny(t, "data.task=mnli-m", "data.dir="+dir, "data.metric=accuracy", "tokenizer.vocab="+filepath.Join(dir, "vocab.txt"),
		"finetune.epochs=12", "finetune.lr=1e-2", "finetune.accumulate=1", "encoder.dropout=0")
	r, err := Finetune(background, e, Options{Dir: filepath.Join(t.TempDir(), "run")})
	if err != nil {
		t.Fatal(err)
	}
	const other = "accuracy on dev_mismatched.tsv"
	if r.Dev != 1 || r.Also[other] != 0.75 {
		t.Errorf("scores are %v and %v, want 1 and 0.75", r.Dev, r.Also)
	}
	scored, err := Evaluate(background, r.Dir, EvaluateOptions{})
	if err != nil || scored.Other == nil || scored.Other.Value != 0.75 || scored.Other.Examples != 4 {
		t.Errorf("evaluation gives %+v, %v", scored, err)
	}
}

// A metric that does not suit the data is refused before anything is made.
func TestMetricSuitsTheData(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "a.csv")
	write(t, table, "text,label\na,1\nb,2\nc,3\n")
	write(t, filepath.Join(dir, "vocab.txt"), tinyVocabulary)
	e := tiny(t, "data.task=table", "data.train="+table, "data.dev="+table, "data.text=[text]", "data.label=label",
		"tokenizer.vocab="+filepath.Join(dir, "vocab.txt"), "data.metric=f1")
	_, err := Finetune(background, e, Options{Dir: filepath.Join(dir, "run")})
	fails(t, err, "demo: data.metric is f1, which is of the second of two labels, but there are 3; want f1@LABEL, macro_f1, accuracy or matthews")
	e.Data.Metric = "pearson" // makes the labels scores
	if r, err := Finetune(background, e, Options{Dir: filepath.Join(dir, "run")}); err != nil || len(r.Also) != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
}

// Thresholds are tuned on the rows that choose, kept with the model, and those of stage 1
// do not stay with its successors; dev is scored by them.
func TestThresholdsAreKept(t *testing.T) {
	long(t)
	e := problemOf(t, data.TaskTable, "data.held_out=0.3", "data.metric=f1@has c", "finetune.class_weights={has c: 5}")
	r, err := Finetune(background, e, Options{Dir: filepath.Join(t.TempDir(), "run")})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := model.LoadTrained[float32](r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	task, err := loadTask(background, e, Options{}.prepare(e))
	if err != nil {
		t.Fatal(err)
	}
	nets, err := predict.NewReplicas(1, loaded.Config, loaded.Params, nil, model.Use{})
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []struct {
		examples []data.Encoded
		want     float64
	}{{task.HeldOut, r.Chosen}, {task.Dev, r.Dev}} {
		out, err := predict.Run{Nets: nets}.Outputs(background, set.examples)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := out.Score(e.Data.Metric); err != nil || math.Abs(got-set.want) > 1e-9 {
			t.Errorf("%v (%v), want %v, as the stage says", got, err, set.want)
		}
		kept := out.Thresholds
		if out.Tune(); len(set.examples) == len(task.HeldOut) && fmt.Sprint(out.Thresholds) != fmt.Sprint(kept) {
			t.Errorf("thresholds %v are kept, but %v are best on the rows that choose", kept, out.Thresholds)
		}
	}
	if len(task.HeldOut) == 0 || len(task.HeldOut) == len(task.Dev) || loaded.Config.Problem() != problem.MultiLabel || task.classWeights[2] != 5 {
		t.Errorf("%d rows are held out of a %s, weights %v", len(task.HeldOut), loaded.Config.Problem(), task.classWeights)
	}
	evaluation, err := Evaluate(background, r.Dir, EvaluateOptions{})
	if err != nil || evaluation.F1Of != "has c" || len(evaluation.Classes) != 3 || evaluation.Classes[2].F1 != evaluation.Value || evaluation.Confusion != nil ||
		evaluation.Classes[2].Threshold != loaded.Config.Thresholds[2] || evaluation.Macro == nil {
		t.Errorf("evaluation %+v, %v", evaluation, err)
	}
	card, err := os.ReadFile(filepath.Join(r.Dir, "README.md"))
	if err != nil || !strings.Contains(string(card), "any of the labels has a, has b, has c") || strings.Count(string(card), fmt.Sprintf("| 2 | has c | %.3g |", loaded.Config.Thresholds[2])) != 1 || strings.Contains(string(card), fmt.Sprintf("has c %.3g", loaded.Config.Thresholds[2])) {
		t.Errorf("the card says %s (%v)", card, err)
	}
}

// Long texts are divided: in training each window has its text's label, elsewhere the
// windows of a text are joined; the model is saved with what it takes to do so.
func TestLongTextsAreDivided(t *testing.T) {
	dir := t.TempDir()
	row := func(word string, at int) string {
		words := strings.Fields(strings.Repeat("x y z w ", 6))
		words[at] = word
		return strings.Join(words, " ") + "," + word + "\n"
	}
	train, dev := "text,label\n", "text,label\n"
	for i := range 24 {
		train += row("a", i) + row("b", (7*i)%24)
		dev += row("b", (5*i)%24) + "a x,a\n"
	}
	write(t, filepath.Join(dir, "train.csv"), train)
	write(t, filepath.Join(dir, "dev.csv"), dev)
	e := problemOf(t, data.TaskTable, "data.train="+filepath.Join(dir, "train.csv"), "data.dev="+filepath.Join(dir, "dev.csv"), "data.multi_label=false", "data.label=label",
		"data.metric=accuracy", "data.max_length=10", "data.window.join=max", "data.window.stride=2", "finetune.epochs=1")
	task, err := loadTask(background, e, Options{}.prepare(e))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(task.Train); n != 4*48 || len(task.Dev) != 48 || task.Dev[0].Windows == nil || task.Dev[1].Windows != nil || task.Train[4].Label != 1 {
		t.Errorf("%d windows to learn, %d texts on dev", n, len(task.Dev)) // 8 words each: 0, 6, 12, 18 of 24
	}
	r, err := Finetune(background, e, Options{Dir: filepath.Join(t.TempDir(), "run")})
	if err != nil {
		t.Fatal(err)
	}
	checkEvaluation(t, r)
	loaded, err := model.LoadTrained[float32](r.Dir)
	if want := (problem.Window{MaxLength: 10, Stride: 2, Join: problem.JoinMax}); err != nil || loaded.Config.Window == nil || *loaded.Config.Window != want {
		t.Fatalf("config.json has the window %+v, want %+v (%v)", loaded.Config.Window, want, err)
	}
	nets, err := predict.NewReplicas(2, loaded.Config, loaded.Params, nil, model.Use{})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := predict.Run{Nets: nets, Batch: 3}.Outputs(background, task.Dev)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range task.Dev[:6] {
		apart, _ := data.Apart([]data.Encoded{text})
		out, err := predict.Run{Nets: nets}.Outputs(background, apart)
		if err != nil {
			t.Fatal(err)
		}
		want := out.Logits[0]
		if len(out.Logits) > 1 {
			want = loaded.Config.Window.Joined(problem.Classification, out.Logits)
		}
		for c, v := range whole.Logits[i] {
			if math.Abs(float64(v-want[c])) > 1e-5 {
				t.Errorf("text %d has the logits %v, want %v", i, whole.Logits[i], want)
			}
		}
	}
}
