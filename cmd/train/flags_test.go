package main

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A word is what a flag of a name means, in whatever command it is.
type word struct {
	meaning string
	own     []string // commands where its usage says what that is there; elsewhere it is one text
}

// words are the names of all flags.
var words = map[string]word{
	"abstain-below":   {"least probability of a label that is said", []string{"eval", "predict"}},
	"addr":            {"where a server is", nil},
	"batch":           {"examples that pass together", nil},
	"batch-tokens":    {"tokens that pass together", nil},
	"bodies":          {"bytes of large requests at once", nil},
	"bound":           {"divergence that is allowed", nil},
	"budget":          {"which of its configurations a model runs in", nil},
	"by":              {"parts that are scored by themselves", []string{"report"}},
	"cased":           {"whether capitals and accents count", nil},
	"check":           {"asks a server, instead of being one", nil},
	"claim":           {"a PersistentVolumeClaim", nil},
	"command":         {"the program on a cluster", nil},
	"cores":           {"processor cores that work", []string{"bench", "predict manifest", "sweep manifest"}},
	"data":            {"where the examples are", []string{"bench", "calibrate", "eval", "predict", "predict manifest", "quantize", "submit"}},
	"deadline":        {"how long ending may take", nil},
	"delimiter":       {"what parts columns", nil},
	"engine":          {"kind of a cluster", nil},
	"errors":          {"how many wrong answers are shown", nil},
	"errors-out":      {"file of all wrong answers", nil},
	"examples":        {"examples to measure at most", nil},
	"explain":         {"says what something is there for", []string{"config", "predict"}},
	"folds":           {"parts of a cross-validation", nil},
	"follow":          {"time between looks at a directory", nil},
	"format":          {"what --data is written in", nil},
	"grace":           {"time before connections end", nil},
	"grid":            {"values of a key", nil},
	"header-timeout":  {"time for a header", nil},
	"help":            {"shows help", nil},
	"idle-timeout":    {"time without a request", nil},
	"image":           {"a container's image", nil},
	"id":              {"column that names a row", nil},
	"insecure":        {"trusts any certificate", nil},
	"index":           {"number of a point", nil},
	"int8":            {"writes products of bytes", nil},
	"json":            {"results as JSON", nil},
	"keep":            {"columns that go along", nil},
	"label":           {"column of labels", []string{"eval", "init", "quantize"}},
	"lambda":          {"λ of the search", nil},
	"lambdas":         {"several λ", nil},
	"latency":         {"time that a batch may take", nil},
	"layers":          {"encoders of a student", nil},
	"length":          {"tokens of made-up examples", nil},
	"list":            {"shows instead of running", []string{"predict", "predict manifest"}},
	"log":             {"least level of the log", nil},
	"log-format":      {"what the log is written in", nil},
	"max-body":        {"bytes of a request", nil},
	"max-connections": {"connections at once", nil},
	"max-drop":        {"quality that may be lost", nil},
	"max-inputs":      {"texts of a request", nil},
	"max-length":      {"tokens that texts are cut to", []string{"bench"}},
	"max-steps":       {"steps of a dry run", nil},
	"memory":          {"memory on a cluster", nil},
	"method":          {"how a student is taught", nil},
	"model":           {"a pretrained model", nil},
	"mount":           {"folder in a container", nil},
	"name":            {"what models are called over HTTP", nil},
	"no-verify":       {"leaves checksums alone", nil},
	"on-malformed":    {"what is done about malformed rows", nil},
	"onnx":            {"an ONNX file to write", nil},
	"opset":           {"version of ONNX's operators", nil},
	"optimum":         {"a folder for optimum to write", nil},
	"out":             {"where goes what is made", []string{"cv", "experiment", "init", "predict", "predict manifest", "predict merge", "quantize", "report", "submit", "sweep", "vocab"}},
	"out-format":      {"what --out is written in", nil},
	"overwrite":       {"discards what is there", []string{"init", "predict", "predict manifest", "predict merge"}},
	"page":            {"an HTML file to write beside what is shown", nil},
	"parallel":        {"tasks at once", nil},
	"progress":        {"shows how far it is", nil},
	"queue":           {"texts that wait", nil},
	"queue-tokens":    {"tokens that wait", nil},
	"rank-timeout":    {"how long a rank may be unheard of", nil},
	"ranks":           {"processes of a job of MPI", nil},
	"resume":          {"goes on with what was interrupted", []string{"predict", "predict manifest", "run"}},
	"runs":            {"more run directories", nil},
	"samples":         {"examples to show", nil},
	"scales":          {"factors of a retention configuration", nil},
	"seconds":         {"how long to time", []string{"bench", "experiment"}},
	"seeds":           {"several seeds", []string{"experiment", "run"}},
	"set":             {"overrides a key", nil},
	"size":            {"word-pieces of a vocabulary", nil},
	"speedup":         {"how many times fewer multiply-adds", nil},
	"stage":           {"a stage's name", nil},
	"strict":          {"ends with 1 where data have findings", nil},
	"student":         {"a student, METHOD-LAYERS", nil},
	"target":          {"share of dense BERT's multiply-adds", nil},
	"tensorboard":     {"event files, too", nil},
	"text":            {"column of texts", []string{"init", "predict", "predict manifest", "vocab"}},
	"threshold":       {"least probability of each label", nil},
	"time":            {"time on a cluster", nil},
	"timeout":         {"time for a request", nil},
	"shed":            {"what is given up under load", nil},
	"shard":           {"share of a corpus", nil},
	"shards":          {"how many shares there are", nil},
	"tls-ca":          {"certificates that are trusted", nil},
	"tls-cert":        {"a certificate", nil},
	"tls-key":         {"its key", nil},
	"token-file":      {"file with a token", nil},
	"top-k":           {"labels to say", nil},
	"trace":           {"encoders that each word survives", nil},
	"unlabelled":      {"--data has no labels", nil},
	"version":         {"shows the version", nil},
	"workers":         {"batches at a time", nil},
	"write-docs":      {"folder for the documentation", nil},
	"yes":             {"asks nothing", nil},
}

// oldNames are what flags were called before, by command, and what setting one sets.
var oldNames = map[string][]string{
	"init --force":          {"--overwrite=true"},
	"quantize --texts":      {"--data=a.txt", "--unlabelled=true"},
	"sweep manifest --cpus": {"--cores=3"},
	"vocab --column":        {"--text=a.txt"},
}

// eachFlag calls f for each flag of each command, named without the program, and once for a
// flag of the whole program.
func eachFlag(root *cobra.Command, f func(command string, c *cobra.Command, flag *pflag.Flag)) {
	root.InitDefaultVersionFlag()
	root.InitDefaultHelpFlag()
	root.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		f(strings.TrimPrefix(strings.TrimPrefix(root.CommandPath(), "train"), " "), root, flag)
	})
	for _, c := range root.Commands() {
		eachFlag(c, f)
	}
}

// One name is one thing in all commands: it has a meaning, and a usage that is the same
// wherever it is not listed as a command's own. Two names are two things.
func TestFlagsHaveOneName(t *testing.T) {
	usages, commands := map[string]map[string]string{}, map[string][]string{}
	eachFlag(newRoot(&app{stdout: io.Discard, stderr: io.Discard}), func(command string, _ *cobra.Command, flag *pflag.Flag) {
		if flag.Hidden || flag.Name == "help" {
			return
		}
		w, known := words[flag.Name]
		if !known {
			t.Errorf("%s --%s is not among the words: is there one for it already?", command, flag.Name)
		}
		commands[flag.Name] = append(commands[flag.Name], command)
		kind := "everywhere"
		if slices.Contains(w.own, command) {
			kind = command
		}
		if usages[flag.Name] == nil {
			usages[flag.Name] = map[string]string{}
		}
		if other, there := usages[flag.Name][kind]; there && other != flag.Usage {
			t.Errorf("%s --%s: %q, but elsewhere %q; want one text, or another name", command, flag.Name, flag.Usage, other)
		}
		usages[flag.Name][kind] = flag.Usage
	})
	meanings, texts := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(words)) {
		w := words[name]
		if other, there := meanings[w.meaning]; there {
			t.Errorf("--%s and --%s both mean %s", name, other, w.meaning)
		}
		meanings[w.meaning] = name
		if len(usages[name]) == 0 && name != "help" {
			t.Errorf("no command has --%s", name)
		}
		for _, command := range w.own {
			if !slices.Contains(commands[name], command) {
				t.Errorf("%s has no --%s", command, name)
			}
		}
		for _, usage := range usages[name] {
			if other, there := texts[usage]; there && other != name {
				t.Errorf("--%s and --%s are both %q", name, other, usage)
			}
			texts[usage] = name
		}
	}
}

// What a flag was called before sets it still, as if it had been named, and is told; no
// help shows it.
func TestOldNamesOfFlags(t *testing.T) {
	for name, sets := range oldNames {
		command, old, _ := strings.Cut(name, " --")
		var stderr bytes.Buffer
		root := newRoot(&app{stdout: io.Discard, stderr: &stderr})
		c, _, err := root.Find(strings.Fields(command))
		if err != nil {
			t.Fatal(err)
		}
		_, value, _ := strings.Cut(sets[0], "=")
		arg := "--" + old
		if c.Flags().Lookup(old).NoOptDefVal == "" {
			arg += "=" + value
		}
		if err := c.ParseFlags([]string{arg}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var now []string
		c.Flags().Visit(func(flag *pflag.Flag) {
			if flag.Name != old {
				now = append(now, "--"+flag.Name+"="+strings.Trim(flag.Value.String(), "[]"))
			}
		})
		if !slices.Equal(now, sets) {
			t.Errorf("%s sets %v, want %v", name, now, sets)
		}
		if want := "train: --" + old + " is called "; !strings.HasPrefix(stderr.String(), want) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s says %q, want a line with %q", name, stderr.String(), want)
		}
		if strings.Contains(c.UsageString(), "--"+old+" ") || strings.Contains(c.Long+c.Example, "--"+old) {
			t.Errorf("the help of %s shows --%s", command, old)
		}
	}
	eachFlag(newRoot(&app{}), func(command string, _ *cobra.Command, flag *pflag.Flag) {
		if _, known := oldNames[command+" --"+flag.Name]; flag.Hidden && !known {
			t.Errorf("%s hides --%s, which is no old name", command, flag.Name)
		}
	})
}
