package data

import "github.com/powerbert/powerbert/problem"

// The names of the tasks.
const (
	TaskCoLA   = "cola"    // GLUE: is a sentence grammatical
	TaskSST2   = "sst2"    // GLUE: sentiment of a sentence
	TaskMRPC   = "mrpc"    // GLUE: do two sentences say the same
	TaskSTSB   = "stsb"    // GLUE: how similar are two sentences, from 0 to 5
	TaskQQP    = "qqp"     // GLUE: do two questions ask the same
	TaskMNLIm  = "mnli-m"  // GLUE: does a sentence follow from another; scored on the genres of training
	TaskMNLImm = "mnli-mm" // GLUE: the same, scored on other genres
	TaskQNLI   = "qnli"    // GLUE: does a sentence answer a question
	TaskRTE    = "rte"     // GLUE: does a sentence follow from another
	TaskIMDB   = "imdb"    // Large Movie Review Dataset: sentiment of a review
	TaskRACE   = "race"    // RACE: which of four options answers a question on a passage
	TaskTable  = "table"   // any CSV, TSV, JSONL, JSON or Parquet files with named columns
	TaskDemo   = "demo"    // DemoTask
)

// A task is a published data set as it is distributed.
type task struct {
	layout
	ways  []files // it is distributed in; the first whose training file is there is read
	tests []Test
}

// files are those of a task.
type files struct {
	train string
	dev   string // "": a part of train
	also  string // a second dev set; "": none
}

// A Test is a test set of GLUE, whose labels are not public.
type Test struct {
	Name string   // of its predictions, as the benchmark's server wants it
	File string   // its name as distributed
	Text []string // its text columns
	Most float64  // highest score, from 0; 0: it has labels
}

// asGLUE is how all tasks of GLUE but MNLI are distributed.
var asGLUE = files{train: "train.tsv", dev: "dev.tsv"}

var (
	zeroOne  = []string{"0", "1"}
	entails  = []string{"entailment", "not_entailment"}
	relation = []string{"contradiction", "entailment", "neutral"}
)

// tasks are the published ones. Columns and files are GLUE's of 2018; labels are
// in the order of the GLUE baselines.
var tasks = map[string]task{
	TaskCoLA: glue("CoLA", layout{header: []string{"source", "label", "mark", "sentence"},
		text: []string{"sentence"}, label: "label", labels: zeroOne}),
	TaskSST2: glue("SST-2", layout{text: []string{"sentence"}, label: "label", labels: zeroOne}),
	TaskMRPC: glue("MRPC", layout{text: []string{"#1 String", "#2 String"}, label: "Quality", labels: zeroOne},
		files{train: "msr_paraphrase_train.txt"}, files{train: "msr_paraphrase_train.tsv"}),
	TaskSTSB: {
		layout: layout{format: TSV, text: sentences, label: "score", labels: []string{"score"}, problem: problem.Regression},
		ways:   []files{asGLUE},
		tests:  []Test{{Name: "STS-B", File: "test.tsv", Text: sentences, Most: 5}},
	},
	TaskQQP:    glue("QQP", layout{text: []string{"question1", "question2"}, label: "is_duplicate", labels: zeroOne}),
	TaskMNLIm:  mnli("dev_matched.tsv", "dev_mismatched.tsv"),
	TaskMNLImm: mnli("dev_mismatched.tsv", "dev_matched.tsv"),
	TaskQNLI:   glue("QNLI", layout{text: []string{"question", "sentence"}, label: "label", labels: entails}),
	TaskRTE:    glue("RTE", layout{text: sentences, label: "label", labels: entails}),
	TaskIMDB: {
		layout: layout{format: folders, text: []string{"text"}, label: "label", labels: []string{"neg", "pos"}, alias: map[string]string{"0": "neg", "1": "pos"}},
		ways:   []files{{train: "train"}, {train: "train.tsv.gz"}, {train: "train.tsv"}},
	},
	TaskRACE: {
		layout: layout{format: RACE, labels: []string{"A", "B", "C", "D"}, problem: problem.MultipleChoice},
		ways:   []files{{train: "train", dev: "dev"}},
	},
}

var sentences = []string{"sentence1", "sentence2"}

// glue is a task of GLUE with labels, distributed as GLUE does and in more ways.
func glue(name string, lay layout, more ...files) task {
	lay.format = TSV
	return task{lay, append([]files{asGLUE}, more...), []Test{{Name: name, File: "test.tsv", Text: lay.text}}}
}

// mnli is MNLI with one of its dev sets, and the other one besides.
func mnli(dev, also string) task {
	return task{
		layout{format: TSV, text: sentences, label: "gold_label", labels: relation},
		[]files{{train: "train.tsv", dev: dev, also: also}},
		[]Test{
			{Name: "MNLI-m", File: "test_matched.tsv", Text: sentences},
			{Name: "MNLI-mm", File: "test_mismatched.tsv", Text: sentences},
		},
	}
}

// Tests are the test sets of a task; none where the task is not GLUE's.
func Tests(name string) []Test { return tasks[name].tests }
