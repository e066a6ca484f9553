package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/retention"
)

// write puts a YAML text into a file of a fresh folder, which becomes the
// current one, and returns its name.
func write(t *testing.T, content string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("x.yaml", []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return "x.yaml"
}

// load is Load of a text that must be right.
func load(t *testing.T, content string, overrides ...string) *Experiment {
	t.Helper()
	e, err := Load(write(t, content), overrides)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestBadFiles(t *testing.T) {
	t.Setenv("UNSET_BY_TEST", "")
	const demo = "data: {task: demo}\n"
	tests := []struct {
		name, yaml string
		set        []string
		want       []string
	}{
		{"not YAML", "data: [1\n", nil,
			[]string{"x.yaml:1: not YAML: did not find expected ',' or ']'"}},
		{"a list", "- data\n", nil,
			[]string{"x.yaml:1: the file is a list, want keys and values"}},
		{"a text", strings.Repeat("good film,1\n", 300), nil,
			[]string{"x.yaml:1: the file is a single text, want keys and values"}},
		{"long values", "data: " + strings.Repeat("ä", 70) + "\nseed: |\n  a\n  b\n", []string{"data.task=demo", "retrain.budgets=" + strings.Repeat("1", 70)}, []string{
			"x.yaml:1: data is " + strings.Repeat("ä", 59) + "…, want keys and values",
			`x.yaml:2: seed is "a\nb\n", want a whole number`,
			"--set retrain.budgets=" + strings.Repeat("1", 70) + ": retrain.budgets is " + strings.Repeat("1", 59) + "…, want a list: [" + strings.Repeat("1", 59) + "…]"}},
		{"a tab", "data:\n  task: demo\nsearch:\n\tlambda: 1\n", nil,
			[]string{"x.yaml:4: not YAML: a tab indents this line, want spaces"}},
		{"a tab at once", "\tdata: {task: demo}\n", nil,
			[]string{"x.yaml:1: not YAML: a tab indents this line, want spaces"}},
		{"no tab", "data: {task: @}\n\tseed: 1\n", nil,
			[]string{"x.yaml: not YAML: found character that cannot start any token"}},
		{"two documents", demo + "---\n" + demo, nil,
			[]string{"x.yaml:2: a second document begins here, want one experiment per file"}},
		{"empty", "", nil, []string{
			"x.yaml: tokenizer.vocab is missing, want vocab.txt, tokenizer.json, spiece.model or a folder with one, since no model brings its own",
			"x.yaml: data.task is missing, want one of cola, imdb, mnli-m, mnli-mm, mrpc, qnli, qqp, race, rte, sst2, stsb, table, demo"}},
		{"misspelt key", demo + "search: {lamda: 1}\n", nil,
			[]string{"x.yaml:2: unknown key search.lamda, did you mean search.lambda?"}},
		{"misspelt section", demo + "serch: {lambda: 1}\n", nil,
			[]string{"x.yaml:2: unknown key serch, did you mean search?"}},
		{"upper case", demo + "finetune: {LR: 1}\n", nil,
			[]string{"x.yaml:2: unknown key finetune.LR, did you mean finetune.lr?"}},
		{"key of another section", demo + "lambda: 1\n", nil,
			[]string{"x.yaml:2: unknown key lambda, did you mean search.lambda?"}},
		{"key of nothing", demo + "tokenizer: {pieces: 1}\n", nil,
			[]string{"x.yaml:2: unknown key tokenizer.pieces, want one of vocab, lowercase"}},
		{"merge key", demo + "finetune: &f {epochs: 1}\nretrain: {<<: *f}\n", nil,
			[]string{"x.yaml:3: unknown key retrain.<<, want one of epochs, steps, min_steps, batch_size, accumulate, lr, warmup, weight_decay, clip, eps, schedule, strategy, score, retention, student, budgets, distil"}},
		{"goals", demo + "search: {target: 1, max_drop: -1, candidates: [learned, x-2, learned]}\n", nil, []string{
			"x.yaml:2: search.max_drop is -1, want 0 or more, or none",
			"x.yaml:2: search.target is 1, want 0 or more and less than 1",
			"x.yaml:2: search.candidates[1] is x-2, want learned, geometric, narrow, or a student as distilbert-3",
			"x.yaml:2: search.candidates[2] is learned, want each candidate once"}},
		{"weights of labels", demo + "finetune: {class_weights: heavy, label_smoothing: 1.5}\n", nil, []string{
			"x.yaml:2: finetune.class_weights is heavy, want balanced, or a weight above 0 by label, as {yes: 3, no: 1}",
			"x.yaml:2: finetune.label_smoothing is 1.5, want 0 to 1"}},
		{"a weight of nothing", demo + "finetune:\n  class_weights:\n    yes: 1\n    no: 0\n", nil, []string{
			"x.yaml:5: finetune.class_weights of no is 0, want a weight above 0"}},
		{"a weight twice", demo + "finetune: {class_weights: {a: 1, a: 2}}\n", nil, []string{
			`x.yaml:2: finetune.class_weights has "a" twice; keep one`}},
		{"weights of scores", "tokenizer: {vocab: v}\ndata: {task: table, train: t.csv, text: [a], label: b, metric: pearson}\nfinetune: {class_weights: balanced, label_smoothing: 0.1, sampling: balanced}\n", nil, []string{
			"x.yaml:3: finetune.class_weights is balanced, want nothing, since only a task with labels has a place for it",
			"x.yaml:3: finetune.label_smoothing is 0.1, want nothing, since only a task with labels has a place for it",
			"x.yaml:3: finetune.sampling is balanced, want each, since only a task with labels has a place for another"}},
		{"two goals", demo + "search: {target: 0.5, max_drop: 1}\n", nil, []string{
			"x.yaml:2: search.max_drop is 1, want none where search.target asks for a price, or no search.target"}},
		{"a student of more", demo + "encoder: {layers: 4}\nretrain: {student: pkd-4}\n", nil, []string{
			"x.yaml:3: retrain.student is pkd-4, want a student of fewer encoders, as distilbert-3, or of fewer feed-forward neurons, as narrow-256"}},
		{"a narrow one as wide", demo + "encoder: {intermediate: 64}\nretrain: {student: narrow-64}\n", nil, []string{
			"x.yaml:3: retrain.student is narrow-64, want a student of fewer encoders, as distilbert-3, or of fewer feed-forward neurons, as narrow-256"}},
		{"retention of others", demo + "retrain:\n  retention: [70, 80, 0]\n", []string{"encoder.layers=2"}, []string{
			"x.yaml:3: retrain.retention is [70 80 0], want a count per encoder, 2"}},
		{"retention that grows", demo + "encoder: {layers: 4}\nretrain:\n  retention: [65, 30, 31, 0]\n", nil, []string{
			"x.yaml:4: retrain.retention[0] is 65, want 1 to 64, for no encoder keeps more than come to it",
			"x.yaml:4: retrain.retention[2] is 31, want 1 to 30, for no encoder keeps more than come to it",
			"x.yaml:4: retrain.retention[3] is 0, want 1 to 30, for no encoder keeps more than come to it"}},
		{"retention of parts", demo, []string{"retrain.retention=[3.5, a]", "retrain.retention=7", "retrain.retention={a: 1}"}, []string{
			"--set retrain.retention=[3.5, a]: retrain.retention[0] is 3.5, want a whole number",
			"--set retrain.retention=[3.5, a]: retrain.retention[1] is a, want a whole number",
			"--set retrain.retention=7: retrain.retention is 7, want a list: [7]",
			"--set retrain.retention={a: 1}: retrain.retention is a section, want a list of whole numbers"}},
		{"budgets", demo + "retrain: {budgets: [0.5, 1.2, 0, 0.5, x]}\n", nil, []string{
			"x.yaml:2: retrain.budgets[4] is x, want a finite number"}},
		{"budgets out of range", demo + "retrain: {budgets: [0.5, 1.2, 0, 0.5, 1]}\n", nil, []string{
			"x.yaml:2: retrain.budgets[1] is 1.2, want more than 0 and 1 at most",
			"x.yaml:2: retrain.budgets[2] is 0, want more than 0 and 1 at most",
			"x.yaml:2: retrain.budgets[3] is 0.5, want each share once"}},
		{"budgets of what is given", demo + "retrain: {budgets: [0.5], student: pkd-2}\n", nil, []string{
			"x.yaml:2: retrain.budgets is [0.5], want none where retrain.retention or retrain.student says what stage 3 is to be"}},
		{"budgets for a quality", demo + "retrain: {budgets: [0.5, 0.3]}\nsearch: {max_drop: 1}\n", nil, []string{
			"x.yaml:2: retrain.budgets is [0.5 0.3], want none where search.max_drop looks for a price; ask for one with search.target"}},
		{"budgets in a word", demo, []string{"retrain.budgets=0.5", "retrain.budgets={a: 1}"}, []string{
			"--set retrain.budgets=0.5: retrain.budgets is 0.5, want a list: [0.5]",
			"--set retrain.budgets={a: 1}: retrain.budgets is a section, want a list of numbers"}},
		{"impossible students", demo + "distil: {lr: 0, distilbert: {hard: -1, soft: 0, cosine: -1, temperature: 0}, pkd: {alpha: -1, beta: -1, temperature: 0}}\n", nil, []string{
			"x.yaml:2: distil.lr is 0, want more than 0",
			"x.yaml:2: distil.distilbert.hard is -1, want 0 or more",
			"x.yaml:2: distil.distilbert.soft is 0, want more than 0",
			"x.yaml:2: distil.distilbert.cosine is -1, want 0 or more",
			"x.yaml:2: distil.distilbert.temperature is 0, want more than 0",
			"x.yaml:2: distil.pkd.alpha is -1, want 0 to 1",
			"x.yaml:2: distil.pkd.beta is -1, want 0 or more",
			"x.yaml:2: distil.pkd.temperature is 0, want more than 0"}},
		{"leading zeros", demo + "seed: 010\nfinetune: {lr: 00.5, epochs: 0}\nretrain: {retention: [08, -007]}\n", []string{"seed=008", "finetune.class_weights={yes: 01}", "name=007", "search.lambda=0.001", "seed='010'"}, []string{
			"x.yaml:2: seed is 010, which YAML may read as octal; leave the leading zeros out: 10",
			"x.yaml:3: finetune.lr is 00.5, which YAML may read as octal; leave the leading zeros out: 0.5",
			"x.yaml:3: finetune.epochs is 0, want 1 or more",
			"x.yaml:4: retrain.retention[0] is 08, which YAML may read as octal; leave the leading zeros out: 8",
			"x.yaml:4: retrain.retention[1] is -007, which YAML may read as octal; leave the leading zeros out: -7",
			"--set seed=008: seed is 008, which YAML may read as octal; leave the leading zeros out: 8",
			"--set finetune.class_weights={yes: 01}: finetune.class_weights of yes is 01, which YAML may read as octal; leave the leading zeros out: 1",
			"--set seed='010': seed is 010, want a whole number"}},
		{"keys with dots", "data: {task: demo, held.out: 0.1}\nsearch.lambda: 1e-3\nretrain.distil.alpha: [1, 2]\nretrain: {distil.tempratur: 2}\nno.such.key: 1\n", nil, []string{
			"x.yaml:1: unknown key data.held.out; a file has sections where --set has dots, write held_out: 0.1 in data",
			"x.yaml:2: unknown key search.lambda; a file has sections where --set has dots, write search: {lambda: 1e-3}",
			"x.yaml:3: unknown key retrain.distil.alpha; a file has sections where --set has dots, write retrain: {distil: {alpha: ...}}",
			"x.yaml:4: unknown key retrain.distil.tempratur; a file has sections where --set has dots, write distil: {temperature: 2} in retrain",
			"x.yaml:5: unknown key no.such.key; a file has no keys with dots, but sections"}},
		{"half an epoch", demo + "finetune:\n  epochs: 3.7\n", nil,
			[]string{"x.yaml:3: finetune.epochs is 3.7, want a whole number"}},
		{"wrong types", "data: {task: demo, pad: yes, max_length: '64', labels: [0, b], text: sentence}\n" +
			"name: 5\nretrain: 3\nfinetune: {lr: fast, clip: .inf, eps: .nan, warmup: [0.1]}\nmodel: {dir: x}\n", nil,
			[]string{
				`x.yaml:1: data.pad is yes, want true or false`,
				`x.yaml:1: data.max_length is 64, want a whole number`,
				`x.yaml:1: data.labels[0] is 0, want text: "0"`,
				`x.yaml:1: data.text is sentence, want a list: [sentence]`,
				`x.yaml:2: name is 5, want text: "5"`,
				`x.yaml:3: retrain is 3, want keys and values`,
				`x.yaml:4: finetune.lr is fast, want a finite number`,
				`x.yaml:4: finetune.clip is .inf, want a finite number`,
				`x.yaml:4: finetune.eps is .nan, want a finite number`,
				`x.yaml:4: finetune.warmup is a list, want a finite number`,
				`x.yaml:5: model is a section, want text`}},
		{"given twice", demo + "seed: 1\nname: a\nseed: 2\n", nil,
			[]string{"x.yaml:4: seed is given twice, first on line 2; keep one"}},
		{"impossible stages", demo + `finetune: {epochs: 0, batch_size: -1, accumulate: 0}
search: {lambda: -1, lr_r: 0, ranks: relativ, score: values, rounding: up, distil: {alpha: -1, temperature: 1, cls: -1}}
retrain: {lr: 0, warmup: 1, weight_decay: -1, clip: -1, eps: 0, schedule: cosine, strategy: rand, score: none, distil: {alpha: 1.1, temperature: 0}}
`, nil, []string{
			"x.yaml:2: finetune.epochs is 0, want 1 or more",
			"x.yaml:2: finetune.batch_size is -1, want 1 or more",
			"x.yaml:2: finetune.accumulate is 0, want 1 or more",
			"x.yaml:3: search.lr_r is 0, want more than 0, or auto",
			"x.yaml:3: search.lambda is -1, want 0 or more",
			"x.yaml:3: search.ranks is relativ, want one of relative, absolute; did you mean relative?",
			"x.yaml:3: search.score is values, want one of attention, value; did you mean value?",
			"x.yaml:3: search.rounding is up, want one of ceil, floor",
			"x.yaml:3: search.distil.alpha is -1, want 0 to 1",
			"x.yaml:3: search.distil.cls is -1, want 0 or more",
			"x.yaml:4: retrain.lr is 0, want more than 0",
			"x.yaml:4: retrain.warmup is 1, want 0 or more and less than 1",
			"x.yaml:4: retrain.weight_decay is -1, want 0 or more",
			"x.yaml:4: retrain.clip is -1, want 0 or more",
			"x.yaml:4: retrain.eps is 0, want more than 0",
			"x.yaml:4: retrain.schedule is cosine, want one of linear, ibm",
			"x.yaml:4: retrain.strategy is rand, want one of attention, random, head; did you mean random?",
			"x.yaml:4: retrain.score is none, want one of attention, value",
			"x.yaml:4: retrain.distil.alpha is 1.1, want 0 to 1",
			"x.yaml:4: retrain.distil.temperature is 0, want more than 0"}},
		{"impossible rest", `name: a/b
seed: -1
workers: -1
compat: IBM
log_every: 0
checkpoint_every: -1
encoder: {layers: 0, hidden: 0, heads: 3, intermediate: 0, positions: 9, dropout: 1, attention_dropout: -1}
data: {task: demo, max_length: 2, on_malformed: ignore, labels: [a, b, a], metric: acuracy, demo: {train: -1, dev: -1}}
`, []string{"data.max_length=10"}, []string{
			"x.yaml:1: name is a/b, want a folder's name; use --out for a path",
			"x.yaml:2: seed is -1, want 0 or more",
			"x.yaml:3: workers is -1, want 0 to 1024",
			"x.yaml:4: compat is IBM, want one of paper, ibm; did you mean ibm?",
			"x.yaml:5: log_every is 0, want 1 or more",
			"x.yaml:6: checkpoint_every is -1, want 0 or more",
			"x.yaml:7: encoder.layers is 0, want 1 to 1024",
			"x.yaml:7: encoder.hidden is 0, want 1 to 16777216",
			"x.yaml:7: encoder.intermediate is 0, want 1 to 16777216",
			"x.yaml:7: encoder.positions is 9, want 10 (data.max_length) to 16777216",
			"x.yaml:7: encoder.dropout is 1, want 0 or more and less than 1",
			"x.yaml:7: encoder.attention_dropout is -1, want 0 or more and less than 1",
			"x.yaml:8: data.labels[2] is a, want each label once",
			"x.yaml:8: data.metric is acuracy, want one of accuracy, f1, macro_f1, matthews; did you mean accuracy?",
			"x.yaml:8: data.on_malformed is ignore, want one of stop, skip",
			"x.yaml:8: data.demo.train is -1, want 0 to 1048576",
			"x.yaml:8: data.demo.dev is -1, want 0 to 1048576"}},
		{"too large an encoder", demo + "encoder: {layers: 1025, hidden: 16777218, intermediate: 16777217, positions: 16777217}\n", nil, []string{
			"x.yaml:2: encoder.layers is 1025, want 1 to 1024",
			"x.yaml:2: encoder.hidden is 16777218, want 1 to 16777216",
			"x.yaml:2: encoder.intermediate is 16777217, want 1 to 16777216",
			"x.yaml:2: encoder.positions is 16777217, want 64 (data.max_length) to 16777216"}},
		{"an ALBERT without an embedding", demo + "encoder: {type: albert, embedding: 0}\n", nil,
			[]string{"x.yaml:2: encoder.embedding is 0, want 1 to 16777216"}},
		{"an embedding of a BERT", demo + "encoder: {embedding: 64}\n", nil,
			[]string{"x.yaml:2: encoder.embedding is 64, want 0: in a BERT it is encoder.hidden; or encoder.type: albert"}},
		{"another encoder", demo + "encoder: {type: albertt}\n", nil,
			[]string{"x.yaml:2: encoder.type is albertt, want one of bert, albert, roberta, camembert, xlm-roberta, distilbert, electra, mpnet, modernbert; did you mean albert?"}},
		{"an unknown start", demo + "encoder: {init: locall}\n", nil,
			[]string{"x.yaml:2: encoder.init is locall, want one of normal, local; did you mean local?"}},
		{"a local ALBERT", demo + "encoder: {type: albert, init: local}\n", nil,
			[]string{"x.yaml:2: encoder.init is local, want normal: an ALBERT's positions are mapped before its encoder sees them"}},
		{"a local ModernBERT", demo + "encoder: {type: modernbert, init: local}\n", nil,
			[]string{"x.yaml:2: encoder.init is local, want normal: a ModernBERT adds no positions to its words"}},
		{"a start beside a model", "model: m\n" + demo + "encoder: {init: local}\n", nil,
			[]string{"x.yaml:3: encoder.init shapes random weights, but model brings its own; remove one of the two"}},
		{"a type beside a model", "model: m\n" + demo + "encoder: {type: albert}\n", nil,
			[]string{"x.yaml:3: encoder.type shapes random weights, but model brings its own; remove one of the two"}},
		{"heads and length", demo + "encoder:\n  heads: 3\n", []string{"data.max_length=2"}, []string{
			"x.yaml:3: encoder.heads is 3, want a divisor of encoder.hidden (128)",
			"--set data.max_length=2: data.max_length is 2, want 3 or more: [CLS], a word-piece and [SEP]"}},
		{"GLUE without folder", "data: {task: cola}\ntokenizer: {vocab: v}\n", nil,
			[]string{"x.yaml: data.dir is missing, want the folder of the task as it is distributed"}},
		{"bare table", "data: {task: table, format: xls, labels: [a]}\ntokenizer: {vocab: v}\n", nil, []string{
			"x.yaml:1: data.format is xls, want one of csv, tsv, jsonl, json, parquet",
			"x.yaml:1: data.labels is [a], want two or more, or none to collect them from the training file",
			"x.yaml: data.train is missing, want the training file",
			"x.yaml: data.text is missing, want the names of one or two text columns, as [sentence]",
			"x.yaml: data.label is missing, want the name of the label column"}},
		{"words for labels", demo + "", []string{"data.task=table", "data.text=[a]", "data.train=t", "data.label=l", "tokenizer.vocab=v",
			"data.labels={0: a, 1: a, 0.0: a}", "data.words=[x, x]", "data.delimiter=;;", "data.format=jsonl"}, []string{
			`--set data.labels={0: a, 1: a, 0.0: a}: data.labels is [a a a], want two names or more: what stands in the file for every label, as {0: negative, 1: positive}`,
			`--set data.words=[x, x]: data.words is [x x], want one for each of the 3 labels`,
			`--set data.words=[x, x]: data.words[1] is x, want each word once`,
			`--set data.delimiter=;;: data.delimiter is ;;, want one character, as ; or |`,
			`--set data.format=jsonl: data.format is jsonl, want csv or tsv, since data.header and data.delimiter are of their columns`}},
		{"a section for a label", demo + "", []string{"data.labels={0: {a: b}, 1: c}"},
			[]string{"--set data.labels={0: {a: b}, 1: c}: data.labels[0] is a section, want text",
				"--set data.labels={0: {a: b}, 1: c}: data.words is [0 1], want data.labels beside it, a name for each"}},
		{"windows", demo, []string{"data.window.join=most", "data.window.stride=-1"}, []string{
			"--set data.window.join=most: data.window.join is most, want one of mean, max",
			"--set data.window.stride=-1: data.window.stride is -1, want 0 or more"}},
		{"a stride of no windows", demo, []string{"data.window.stride=8"}, []string{
			"--set data.window.stride=8: data.window.stride is 8, want data.window.join beside it, as mean, without which long texts are cut"}},
		{"windows of nothing new", demo, []string{"data.max_length=10", "data.window.join=mean", "data.window.stride=8"}, []string{
			"--set data.window.stride=8: data.window.stride is 8, want 7 at most, data.max_length less [CLS], [SEP] and one"}},
		{"windows of pairs", demo, []string{"data.task=table", "data.text=[a, b]", "data.train=t", "tokenizer.vocab=v", "data.label=l", "data.window.join=max"}, []string{
			"--set data.window.join=max: data.window.join is max, want none, since pairs and options are cut; leave it out"}},
		{"labels of a demo", demo, []string{"data.label_separator=;", "data.metric=map"}, []string{
			"x.yaml: data.multi_label is true, want false, since only a table has texts with several labels"}},
		{"a metric of several labels", demo, []string{"data.metric=micro_f1"}, []string{
			"--set data.metric=micro_f1: data.metric is micro_f1, want one of accuracy, f1, macro_f1, matthews; did you mean macro_f1?"}},
		{"columns of labels", demo, []string{"data.task=table", "data.text=[a]", "data.train=t", "tokenizer.vocab=v", "data.label=[a, b]", "data.labels=[a, b]", "data.label_separator=;", "data.metric=f1"}, []string{
			"--set data.labels=[a, b]: data.labels is [a b], want none, since data.label lists them",
			"--set data.metric=f1: data.metric is f1, want one of micro_f1, macro_f1, sample_f1, map, accuracy"}},
		{"a column twice", demo, []string{"data.task=table", "data.text=[a]", "data.train=t", "tokenizer.vocab=v", "data.label=[a, b, a]"}, []string{
			"--set data.label=[a, b, a]: data.label is a, b, a, want each column once"}},
		{"lists of scores", demo, []string{"data.task=table", "data.text=[a]", "data.train=t", "tokenizer.vocab=v", "data.label=a", "data.multi_label=true", "data.metric=pearson"}, []string{
			"--set data.metric=pearson: data.metric is pearson, want one of micro_f1, macro_f1, sample_f1, map, accuracy"}},
		{"scores of a task with labels", demo, []string{"data.metric=spearman"},
			[]string{"--set data.metric=spearman: data.metric is spearman, want one of accuracy, f1, macro_f1, matthews"}},
		{"labels of a task with scores", demo, []string{"data.task=stsb", "data.dir=d", "tokenizer.vocab=v", "data.metric=f1"},
			[]string{"--set data.metric=f1: data.metric is f1, want one of spearman, pearson"}},
		{"three columns", demo, []string{"data.task=table", "data.text=[a, b, c]", "data.train=t", "data.dev=d", "data.label=l", "tokenizer.vocab=v"},
			[]string{"--set data.text=[a, b, c]: data.text is [a b c], want one or two columns"}},
		{"unset variables", "model: ${UNSET_BY_TEST}/$UNSET_BY_TEST_2\ndata: {task: sst2, dir: $UNSET_BY_TEST}\n", nil, []string{
			"x.yaml:1: model names $UNSET_BY_TEST and $UNSET_BY_TEST_2, which is not set; export it, or use --set model=PATH",
			"x.yaml:2: data.dir names $UNSET_BY_TEST, which is not set; export it, or use --set data.dir=PATH"}},
		{"sizes beside a model", "model: m\n" + demo + "encoder:\n  dropout: 0\n  layers: 2\n", nil,
			[]string{"x.yaml:5: encoder.layers shapes random weights, but model brings its own; remove one of the two"}},
		{"votes without padding", demo + "compat: ibm\n", []string{"data.pad=false"},
			[]string{"--set data.pad=false: data.pad is false, want true, since search.pad_queries_vote counts padding; or search.pad_queries_vote: false"}},
		{"null overrides", demo, []string{"model=null", "data.label=~", "seed=null", "search=null", "data.text=Null"}, []string{
			"--set model=null: model is null, want a value; leave it out to keep what is set, or write model= for no text",
			"--set data.label=~: data.label is null, want a value; leave it out to keep what is set, or write data.label= for no text",
			"--set seed=null: seed is null, want a value; leave it out to keep what is set",
			"--set search=null: search is null, want a value; leave it out to keep what is set",
			"--set data.text=Null: data.text is null, want a value; leave it out to keep what is set"}},
		{"bad overrides", demo, []string{"seed", "sed=1", "seed=x", "seed=", "data=demo", "data.task.x=1", "labels=[", "data.labels=["}, []string{
			"--set seed: no value, want --set key=value",
			"--set sed=1: unknown key sed, did you mean seed?",
			"--set seed=x: seed is x, want a whole number",
			`--set seed=: seed is "", want a whole number`,
			"--set data=demo: data is demo, want keys and values",
			"--set data.task.x=1: data.task is a section, want text",
			"--set labels=[: unknown key labels, did you mean data.labels?",
			"--set data.labels=[: not YAML: did not find expected node content"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, err := Load(write(t, test.yaml), test.set)
			var problems *Error
			if !errors.As(err, &problems) || e != nil {
				t.Fatalf("got %v, %v, want an *Error and nothing else", e, err)
			}
			got := strings.Split(err.Error(), "\n")
			for i := range max(len(got), len(test.want)) {
				if i >= len(got) || i >= len(test.want) || got[i] != test.want[i] {
					t.Fatalf("line %d differs\n got:\n%s\nwant:\n%s", i+1, err, strings.Join(test.want, "\n"))
				}
			}
		})
	}
}

func TestNoSuchFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"films.csv": "text,label\na b,1\n", "films.json": `[{"text": "a"}]`, "films.tsv.gz": "\x1f\x8b\x08\x00"} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ path, want string }{
		{"my.yaml", "my.yaml: no such file or directory; want a YAML file or one of the recipes cola, cola-base, "},
		{"sub/demo", "sub/demo: no such file or directory; want a YAML file"},
		{"sst-2", "sst-2: no such recipe, did you mean sst2?"},
		{"films.csv", "films.csv:1: the file is a single text, want keys and values; of a table `train init films.csv` writes an experiment"},
		{"films.json", "films.json:1: the file is a list, want keys and values; of a table `train init films.json` writes an experiment"},
		{"films.tsv.gz", "films.tsv.gz: not YAML: control characters are not allowed; of a table `train init films.tsv.gz` writes an experiment"},
		{"folder", "folder: is a directory; want a YAML file or one of the recipes"},
		{"imagenet", "imagenet: no such recipe, want one of cola, cola-base, "},
	}
	for _, test := range tests {
		_, err := Load(test.path, nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s…", test.path, err, test.want)
		}
	}
}

func TestOrderOfWinning(t *testing.T) {
	const yaml = "data: {task: demo}\ncompat: ibm\nsearch: {rounding: ceil, eps: 1e-6}\nretrain: {eps: 1e-5}\n"
	e := load(t, yaml, "retrain.eps=1e-4", "retrain.eps=1e-3")
	if e.Finetune.Eps != 1e-7 || e.Search.Eps != 1e-6 || e.Retrain.Eps != 1e-3 {
		t.Errorf("eps is %g, %g, %g; want the preset's, the file's, the last override's",
			e.Finetune.Eps, e.Search.Eps, e.Retrain.Eps)
	}
	if e.Search.Rounding != "ceil" || e.Search.LR != 3e-5 {
		t.Errorf("rounding is %s and lr %g, want the file's and the default", e.Search.Rounding, e.Search.LR)
	}
}

func TestIBMPreset(t *testing.T) {
	plain, ibm := load(t, "data: {task: demo}\n"), load(t, "data: {task: demo}\ncompat: ibm\n")
	var got []string
	for _, d := range Diff(plain, ibm) {
		got = append(got, d.String())
	}
	want := []string{
		"compat:  → ibm",
		"encoder.attention_dropout: 0.1 → 0",
		"data.held_out: 0.1 → 0", "data.pad: false → true",
		"finetune.min_steps: 200 → 0", "finetune.eps: 1e-08 → 1e-07", "finetune.schedule: linear → ibm",
		"search.min_steps: 500 → 0", "search.eps: 1e-08 → 1e-07", "search.schedule: linear → ibm",
		"search.lr_r: auto → 0.0005", "search.ranks: relative → absolute", "search.score: value → attention", "search.pad_queries_vote: false → true", "search.subtract_diagonal: false → true", "search.dead_last: true → false", "search.rounding: ceil → floor", "search.max_drop: 1 → none",
		"retrain.min_steps: 500 → 0", "retrain.eps: 1e-08 → 1e-07", "retrain.schedule: linear → ibm", "retrain.score: value → attention", "retrain.distil.alpha: 0.5 → 0",
		"distil.min_steps: 500 → 0",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("compat: ibm changes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestResolvedValues(t *testing.T) {
	t.Setenv("SOMEWHERE", "/some/where")
	e := load(t, `
model:
data: {task: cola, dir: "${SOMEWHERE}/CoLA", train: $$5, text: []}
tokenizer: &empty {vocab: $SOMEWHERE}
seed: 9223372036854775807
search: {lambda: 1}
finetune: &stage {epochs: 2, lr: 1}
retrain: *stage
`, "name=2024", "log_every=7", "data.labels=['0', b]")
	want := defaults()
	want.Name, want.Seed, want.LogEvery, want.Workers = "2024", 9223372036854775807, 7, runtime.GOMAXPROCS(0)
	want.Data.Task, want.Data.Dir, want.Data.Train, want.Data.Together = "cola", "/some/where/CoLA", "$5", "equal"
	want.Data.Text, want.Data.Labels, want.Data.Words, want.Data.Metric = []string{}, []string{"0", "b"}, []string{}, "matthews"
	want.Tokenizer.Vocab = "/some/where"
	want.Search.Lambda, want.Retrain.Score = 1, "value"
	want.Finetune.Epochs, want.Finetune.LR, want.Retrain.Epochs, want.Retrain.LR = 2, 1, 2, 1
	if e.places = nil; !reflect.DeepEqual(*e, want) {
		t.Errorf("got  %+v\nwant %+v", *e, want)
	}
}

func TestNameIsTheFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.v2.yaml")
	if err := os.WriteFile(path, []byte("data: {task: demo}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if e, err := Load(path, nil); err != nil || e.Name != "mine.v2" {
		t.Errorf("got %v, %v, want the name mine.v2", e, err)
	}
}

func TestModelTakesNoSizes(t *testing.T) {
	e := load(t, "model: somewhere\ndata: {task: demo}\nencoder: {dropout: 0.2}\n")
	if want := (Encoder{Dropout: 0.2, AttentionDropout: 0.1}); e.Encoder != want {
		t.Errorf("encoder is %+v, want %+v", e.Encoder, want)
	}
}

// An ALBERT has the published width of the embedding where nothing is said.
func TestEmbedding(t *testing.T) {
	for override, want := range map[string]int{"encoder.type=albert": 128, "encoder.type=bert": 0} {
		e, err := Load("demo", []string{override})
		if err != nil || e.Encoder.Embedding != want {
			t.Errorf("%s: embedding %d, %v; want %d", override, e.Encoder.Embedding, err, want)
		}
	}
	e, err := Load("demo", []string{"encoder.type=albert", "encoder.embedding=64"})
	if err != nil || e.Encoder.Embedding != 64 {
		t.Errorf("embedding %d, %v; want 64", e.Encoder.Embedding, err)
	}
}

// A record that was written before a key was there means what it meant then, and one of
// today comes back as it was.
func TestLoadRecord(t *testing.T) {
	e, err := Load("demo", []string{"search.lr_r=5e-4"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "experiment.yaml")
	write := func(text string) *Experiment {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		back, err := LoadRecord(path)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}
	if d := Diff(e, write(string(e.YAML()))); len(d) > 0 {
		t.Errorf("comes back with %v", d)
	}
	old := regexp.MustCompile(`  (min_steps|score|dead_last): .*\n`).ReplaceAllString(string(e.YAML()), "")
	back := write(old)
	if back.Search.MinSteps != 0 || back.Finetune.MinSteps != 0 || back.Search.LRr != 5e-4 {
		t.Errorf("an old record takes %d steps at least, rate %v; want 0 and 0.0005", back.Search.MinSteps, back.Search.LRr)
	}
	if back.Search.DeadLast {
		t.Error("an old record ranks the dead last")
	}
	if back.Search.Score != retention.ScoreAttention || back.Retrain.Score != retention.ScoreAttention {
		t.Errorf("an old record scores by %q and %q, want attention", back.Search.Score, back.Retrain.Score)
	}
	if back := write("name: x\ntokenizer: {vocab: v}\ndata: {task: table, train: t.csv, text: [a], label: b}\n"); back.Data.Together != data.TogetherEqual {
		t.Errorf("of an old record %q stay together, want equal texts", back.Data.Together)
	}
}

// The presets keep what the paper has, whatever the defaults are.
func TestPresetsStayWithThePaper(t *testing.T) {
	for word, apply := range presets {
		e := defaults()
		e.Search.Score = retention.ScoreValue
		apply(&e)
		if e.Search.Score != retention.ScoreAttention || e.Search.DeadLast {
			t.Errorf("compat: %s scores by %s, the dead last: %v", word, e.Search.Score, e.Search.DeadLast)
		}
	}
}

// Retraining scores as the search does, unless it is told otherwise.
func TestScoreOfRetraining(t *testing.T) {
	for _, c := range []struct {
		overrides       []string
		search, retrain string
	}{
		{nil, "value", "value"},
		{[]string{"search.score=attention"}, "attention", "attention"},
		{[]string{"retrain.score=attention"}, "value", "attention"},
		{[]string{"search.score=attention", "retrain.score=value"}, "attention", "value"},
		{[]string{"compat=paper"}, "attention", "attention"},
		{[]string{"search.score=value", "compat=paper"}, "value", "value"},
	} {
		e, err := Load("demo", c.overrides)
		if err != nil || e.Search.Score != c.search || e.Retrain.Score != c.retrain {
			t.Errorf("%v: %q and %q (%v), want %q and %q", c.overrides, e.Search.Score, e.Retrain.Score, err, c.search, c.retrain)
		}
	}
}

// A rate is a number above 0 or auto, on the way in and out.
func TestAutoRate(t *testing.T) {
	for text, want := range map[string]Rate{"auto": Auto, "1e-2": 0.01} {
		e, err := Load("demo", []string{"search.lr_r=" + text})
		if err != nil || e.Search.LRr != want {
			t.Fatalf("%s is %v, %v", text, e.Search.LRr, err)
		}
		back, err := resolve("x.yaml", "demo", e.YAML(), nil, defaults())
		if err != nil || back.Search.LRr != want {
			t.Errorf("%s comes back as %v, %v", text, back.Search.LRr, err)
		}
	}
	for _, bad := range []string{"0", "-1", "fast", "[1]"} {
		_, err := Load("demo", []string{"search.lr_r=" + bad})
		if err == nil || !strings.Contains(err.Error(), "want more than 0, or auto") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// What a search is for: one point where nothing is said, what λ leads to where that or the
// paper is named, and else what is asked for.
func TestGoalOfASearch(t *testing.T) {
	for yaml, want := range map[string]string{
		"data: {task: demo}":                                                      "0 1 []",
		"data: {task: demo}\nsearch: {lambda: 2e-4}":                              "0 none []",
		"data: {task: demo}\ncompat: paper":                                       "0 none []",
		"data: {task: demo}\nretrain: {retention: [9, 9], student: pkd-2}":        "0 none []",
		"data: {task: demo}\nsearch: {target: 0.4, lambda: 1}":                    "0.4 none []",
		"data: {task: demo}\nsearch: {max_drop: 0}":                               "0 0 []",
		"data: {task: demo}\nsearch: {max_drop: 0.5, lambda: 1}":                  "0 0.5 []",
		"data: {task: demo}\nsearch: {max_drop: none}":                            "0 none []",
		"data: {task: demo}\nsearch: {target: 0.3, candidates: [pkd-2, learned]}": "0.3 none [pkd-2 learned]",
	} {
		e := load(t, yaml+"\n")
		s := &e.Search
		if got := fmt.Sprint(s.Target, s.MaxDrop, s.Candidates); got != want {
			t.Errorf("%s: %s, want %s", yaml, got, want)
		}
		if s.Budgeted() != (s.Target > 0 || s.MaxDrop >= 0) {
			t.Errorf("%s: budgeted is %v", yaml, s.Budgeted())
		}
		if back := again(t, e); Diff(e, back) != nil {
			t.Errorf("%s comes back with %v", yaml, Diff(e, back))
		}
	}
	for candidates, want := range map[string][2]bool{"[]": {false, false}, "[learned]": {true, true}, "[geometric]": {false, false}, "[geometric, learned]": {true, false}} {
		s := load(t, "data: {task: demo}\n", "search.candidates="+candidates).Search
		if got := [2]bool{s.Learns(), s.Alone()}; got != want {
			t.Errorf("candidates %s: it learns, alone: %v, want %v", candidates, got, want)
		}
	}
}

// A price in time takes the place of other goals, and is of a batch that there can be.
func TestLatencyProblems(t *testing.T) {
	for given, want := range map[string]string{
		"search.target=0.5":         "search.latency.ms is 3, want 0 where search.target or search.max_drop is given",
		"search.max_drop=1":         "search.latency.ms is 3, want 0 where search.target or search.max_drop is given",
		"search.latency.batch=0":    "search.latency.batch is 0, want 1 or more",
		"search.latency.length=999": "search.latency.length is 999, want at most data.max_length, 80",
	} {
		_, err := Load("demo", []string{"search.latency.ms=3", given})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", given, err, want)
		}
	}
	if e := load(t, "data: {task: demo}\n", "search.latency.ms=3"); e.Search.MaxDrop != NoPoints || !e.Search.Budgeted() {
		t.Errorf("beside a price in time it is for a quality of %v points", e.Search.MaxDrop)
	}
}

// What to search for concerns stage 3 and what comes of it, not the paper's search.
func TestGoalsAffectRetraining(t *testing.T) {
	for _, key := range []string{"search.target", "search.max_drop", "search.latency.ms", "search.latency.length", "search.candidates"} {
		if d := (Difference{Key: key}); d.Affects(StageSearch) || d.Affects(StageFinetune) || !d.Affects(StageRetrain) {
			t.Errorf("%s affects another stage than retraining", key)
		}
	}
}

// Texts without labels concern what has a teacher that says what they teach, and want one.
func TestUnlabelled(t *testing.T) {
	for stage, want := range map[string]bool{StageFinetune: false, StageSearch: false, StageRetrain: true, StagePretrain: false, "distilbert-3": true} {
		if d := (Difference{Key: "data.unlabelled"}); d.Affects(stage) != want || !d.Path() {
			t.Errorf("%s: affected %v, want %v", stage, d.Affects(stage), want)
		}
	}
	const table = "tokenizer: {vocab: v.txt}\ndata: {task: table, train: a.csv, text: [t], label: l, unlabelled: [b.csv, c.txt]}\n"
	if e := load(t, table); e.SourceWithTexts().Unlabelled != "b.csv\nc.txt" {
		t.Errorf("names %q", e.Source().Unlabelled)
	}
	if e := load(t, table, "retrain.distil.alpha=0", "retrain.distil.cls=1"); e.Retrain.Distil.Alpha != 0 {
		t.Error("[CLS] states are no teacher")
	}
	for given, want := range map[string]string{
		table + "retrain: {distil: {alpha: 0}}\n":         "data.unlabelled is [b.csv c.txt], want retrain.distil.alpha or cls above 0 beside it",
		table + "compat: paper\n":                         "want retrain.distil.alpha or cls above 0 beside it",
		"data: {task: demo, unlabelled: b.csv}\n":         "data.unlabelled is b.csv, want none, since the task demo",
		"data: {task: race, dir: r, unlabelled: b.csv}\n": "want none, since the task race",
	} {
		if _, err := Load(write(t, given), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", given, err, want)
		}
	}
}

// What departs from the paper by default is listed; under compat: paper nothing does.
func TestDepartures(t *testing.T) {
	got := load(t, "data: {task: demo}\n", "search.lambda=1", "search.min_steps=0", "distil.min_steps=0", "retrain.min_steps=0", "search.dead_last=false", "retrain.distil.alpha=0").Departures()
	if want := []string{"data.held_out is 0.1", "finetune.min_steps is 200", "search.lr_r is auto", "search.ranks is relative", "search.score is value"}; !reflect.DeepEqual(got, want) {
		t.Errorf("departs with %q, want %q", got, want)
	}
	got = load(t, "tokenizer: {vocab: v}\ndata: {task: table, train: t.csv, text: [a], label: b, held_out: 0}\n", "search.lambda=1").Departures()
	if len(got) == 0 || got[0] != "data.together is auto" {
		t.Errorf("a table departs with %q", got)
	}
	if got := load(t, "data: {task: demo}\ncompat: paper\n").Departures(); len(got) > 0 {
		t.Errorf("compat: paper departs with %q", got)
	}
}

// Budgets without a goal are searched for at the largest that saves something; a λ, a goal
// or compat keep to theirs.
func TestBudgetsAim(t *testing.T) {
	for set, want := range map[string]float64{"name=x": 0.5, "search.lambda=1e-3": 0, "search.target=0.4": 0.4, "search.latency.ms=3": 0, "compat=ibm": 0} {
		e := load(t, "data: {task: demo}\nretrain: {budgets: [0.2, 1, 0.5]}\n", set)
		if e.Search.Target != want || e.Search.MaxDrop != NoPoints {
			t.Errorf("%s: target %g, max_drop %v, want %g and none", set, e.Search.Target, e.Search.MaxDrop, want)
		}
		if got := e.Retrain.Budgets; len(got) != 3 || got[0] != 0.2 || got[1] != 1 {
			t.Errorf("budgets are %v", got)
		}
	}
}

// A table in the place of an experiment is told from one, with the command that writes one.
func TestTableForExperiment(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a.csv", []byte("text,label\n\"so: it is\",x: y\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Load("a.csv", nil)
	if err == nil || !strings.HasSuffix(err.Error(), "; of a table `train init a.csv` writes an experiment") {
		t.Errorf("a table as experiment: %v", err)
	}
}
