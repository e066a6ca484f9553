package pipeline

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// sizes are numbers that the model's size or its values decide.
var sizes = regexp.MustCompile(`\b[0-9a-f]{8}\b|\b[0-9]{3,}\b`)

// damagedOrOther is what is said of a file that is not what the manifest says.
const damagedOrOther = "it is damaged, or another file; put back a copy, or if the change is meant remove powerbert_manifest.json"

// Damage to a file of a run directory, the stage that finds it, and what it says
// ($DIR is the run directory, # a size).
var damages = []struct {
	name   string
	dir    func(t *testing.T) string
	file   string
	damage func(t *testing.T, path string)
	stage  string
	want   string
}{
	{"checkpoint's weights truncated", halfway, "finetune/checkpoint/weights.safetensors", cut, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"$DIR/finetune/checkpoint/weights.safetensors: has # bytes where powerbert_manifest.json says #: " + damagedOrOther + "; start the stage anew with --overwrite"},
	{"checkpoint's weights missing", halfway, "finetune/checkpoint/weights.safetensors", remove, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"$DIR/finetune/checkpoint/weights.safetensors: no such file or directory; start the stage anew with --overwrite"},
	{"checkpoint's weights unreadable", halfway, "finetune/checkpoint/weights.safetensors", obstruct, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"$DIR/finetune/checkpoint/weights.safetensors: not a regular file; start the stage anew with --overwrite"},
	{"checkpoint's weights of another model", halfway, "finetune/checkpoint/weights.safetensors", otherWeights, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		`tensor "theta" holds 2 float32 values, want #; start the stage anew with --overwrite`},
	{"state truncated", halfway, "finetune/checkpoint/state.json", is(`{"stage":`), "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"state.json: unexpected end of JSON input; start the stage anew with --overwrite"},
	{"state empty", halfway, "finetune/checkpoint/state.json", means("{}"), "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		`state.json is of stage "", step 0, want finetune, step 0 to 12; start the stage anew with --overwrite`},
	{"state beyond the stage", halfway, "finetune/checkpoint/state.json", means(`{"stage":"finetune","step":13}`), "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		`state.json is of stage "finetune", step 13, want finetune, step 0 to 12; start the stage anew with --overwrite`},
	{"state missing", halfway, "finetune/checkpoint/state.json", remove, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"open $DIR/finetune/checkpoint/state.json: no such file or directory; start the stage anew with --overwrite"},
	{"checkpoint not a folder", halfway, "finetune/checkpoint", is(""), "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"open $DIR/finetune/checkpoint: not a folder; start the stage anew with --overwrite"},
	{"a bit of the checkpoint's weights flipped", halfway, "finetune/checkpoint/weights.safetensors", flip, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"$DIR/finetune/checkpoint/weights.safetensors: has CRC-32C # where powerbert_manifest.json says #: " + damagedOrOther + "; start the stage anew with --overwrite"},
	{"a digit of the state changed", halfway, "finetune/checkpoint/state.json", replaceText(`"step": 5`, `"step": 4`), "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"state.json: has CRC-32C # where powerbert_manifest.json says #: " + damagedOrOther + "; start the stage anew with --overwrite"},
	{"the checkpoint's manifest empty", halfway, "finetune/checkpoint/powerbert_manifest.json", is(""), "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"state.json: open $DIR/finetune/checkpoint/powerbert_manifest.json: powerbert_manifest.json is damaged; remove it to have the files beside it read unchecked; start the stage anew with --overwrite"},
	{"metrics truncated", halfway, "finetune/metrics.jsonl", cut, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"metrics.jsonl is not as long as the checkpoint says; start the stage anew with --overwrite"},
	{"metrics missing", halfway, "finetune/metrics.jsonl", remove, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"metrics.jsonl is not as long as the checkpoint says; start the stage anew with --overwrite"},
	{"metrics unreadable", halfway, "finetune/metrics.jsonl", obstruct, "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"read $DIR/finetune/metrics.jsonl: is a directory; start the stage anew with --overwrite"},
	{"a digit of the metrics changed", halfway, "finetune/metrics.jsonl", replaceText(`"step":2`, `"step":3`), "finetune", "$DIR/finetune/checkpoint: checkpoint is not usable: " +
		"metrics.jsonl is not what it was at the checkpoint; start the stage anew with --overwrite"},

	{"model truncated", finetuned, "finetune/model.safetensors", cut, "search",
		"$DIR/finetune/model.safetensors: has # bytes where powerbert_manifest.json says #: " + damagedOrOther + "; it is the finetune stage's: run that again with --overwrite"},
	{"model missing", finetuned, "finetune/model.safetensors", remove, "search",
		"$DIR/finetune: has no model.safetensors or pytorch_model.bin, nor an index of shards of either; it is the finetune stage's: run that again with --overwrite"},
	{"model unreadable", finetuned, "finetune/model.safetensors", obstruct, "search",
		"$DIR/finetune/model.safetensors: not a regular file; it is the finetune stage's: run that again with --overwrite"},
	{"a bit of the model flipped", finetuned, "finetune/model.safetensors", flip, "search",
		"$DIR/finetune/model.safetensors: has CRC-32C # where powerbert_manifest.json says #: " + damagedOrOther + "; it is the finetune stage's: run that again with --overwrite"},
	{"the model of another stage", searched, "search/model.safetensors", other("finetune/model.safetensors"), "retrain",
		"$DIR/search/model.safetensors: has CRC-32C # where powerbert_manifest.json says #: " + damagedOrOther + "; it is the search stage's: run that again with --overwrite"},
	{"config truncated", finetuned, "finetune/config.json", cut, "search",
		"$DIR/finetune/config.json: is not valid JSON: line 14: unexpected end of JSON input; it is the finetune stage's: run that again with --overwrite"},
	{"retention truncated", searched, "search/retention.json", cut, "retrain",
		"$DIR/search/retention.json: not readable: unexpected end of JSON input; run the stage again with --overwrite"},
	{"retention missing", searched, "search/retention.json", remove, "retrain",
		"$DIR/search/retention.json: not readable: no such file or directory; run the stage again with --overwrite"},
	{"retention unreadable", searched, "search/retention.json", obstruct, "retrain",
		"$DIR/search/retention.json: not readable: is a directory; run the stage again with --overwrite"},
	{"retention of half the encoders", searched, "search/retention.json", means(`{"max_length":1,"ranks":"relative","mass":[1],"retention":[1,1],"reached":[[1],[1]],"r":[[1],[1]]}`), "retrain",
		"$DIR/search/retention.json: not readable: mass, retention, reached and r are not of the same encoders and max_length; run the stage again with --overwrite"},
	{"retention impossible", searched, "search/retention.json", means(`{"max_length":1,"ranks":"relative","mass":[1,1],"retention":[1,5],"reached":[[1],[1]],"r":[[1],[1]]}`), "retrain",
		"$DIR/search/retention.json: power_retention.retention: encoder 2 keeps 5 word-vectors, want 1 to 1"},
	{"a digit of the retention changed", searched, "search/retention.json", replaceText(`"retention": [`, `"retention": [1, `), "retrain",
		"$DIR/search/retention.json: not readable: has # bytes where powerbert_manifest.json says #: " + damagedOrOther + "; run the stage again with --overwrite"},
	{"a digit of the result changed", finished, "finetune/result.json", replaceText(`"epoch": `, `"epoch": 1`), "finetune",
		"$DIR/finetune/result.json: not readable: has # bytes where powerbert_manifest.json says #: " + damagedOrOther + "; run the stage again with --overwrite"},
	{"result truncated", finished, "finetune/result.json", is(`{"stage":`), "finetune",
		"$DIR/finetune/result.json: not readable: unexpected end of JSON input; run the stage again with --overwrite"},
	{"result unreadable", finished, "finetune/result.json", obstruct, "finetune",
		"$DIR/finetune/result.json: not readable: is a directory; run the stage again with --overwrite"},

	{"experiment broken", finished, "experiment.yaml", is("seed: ["), "finetune",
		"$DIR/experiment.yaml:1: not YAML: did not find expected node content; this file says what made the stages here: put it back, or use another --out"},
	{"experiment unreadable", finished, "experiment.yaml", obstruct, "finetune", "$DIR/experiment.yaml: is a directory; want a YAML file or one of the recipes " +
		strings.Join(configs.Recipes(), ", ") + "; this file says what made the stages here: put it back, or use another --out"},
	{"run directory not a folder", empty, ".", is(""), "finetune", "mkdir $DIR: not a directory"},
	{"stage not a folder", begun, "finetune", is(""), "finetune", "open $DIR/finetune: not a directory"},
}

func TestBrokenFiles(t *testing.T) {
	long(t)
	for _, test := range damages {
		t.Run(test.name, func(t *testing.T) {
			dir := test.dir(t)
			test.damage(t, filepath.Join(dir, test.file))
			keeps(t, dir, func() {
				_, err := stageFuncs[test.stage](background, tiny(t), Options{Dir: dir, Resume: true})
				if err == nil {
					t.Fatal("no error")
				}
				said := sizes.ReplaceAllString(strings.ReplaceAll(err.Error(), dir, "$DIR"), "#")
				fails(t, errors.New(said), test.want)
				model, file := new(model.Error), new(rundir.FileError)
				if strings.Contains(test.want, "--overwrite") && !errors.As(err, &model) && !errors.As(err, &file) {
					t.Errorf("error is a %T, want a *model.Error or *rundir.FileError", err)
				}
			})
		})
	}
}

func halfway(t *testing.T) string   { return stopped(t, "finetune", 5) }
func begun(t *testing.T) string     { return without(t, stages...) }
func finetuned(t *testing.T) string { return without(t, "search", "retrain") }
func searched(t *testing.T) string  { return without(t, "retrain") }

// is puts a file with a text in place of what is there.
func is(text string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		remove(t, path)
		write(t, path, text)
	}
}

// means is is with the manifest beside removed, as of a change that is meant.
func means(text string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		is(text)(t, path)
		remove(t, filepath.Join(filepath.Dir(path), manifest.Name))
	}
}

// flip flips the last bit of a file.
func flip(t *testing.T, path string) {
	text := []byte(read(t, path))
	text[len(text)-1] ^= 1
	write(t, path, string(text))
}

// replaceText replaces a text of a file, which must be there.
func replaceText(old, text string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		was := read(t, path)
		if !strings.Contains(was, old) {
			t.Fatalf("%s lacks %s:\n%s", path, old, was)
		}
		write(t, path, strings.Replace(was, old, text, 1))
	}
}

// other puts another file of the run directory in place of a stage's.
func other(name string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		write(t, path, read(t, filepath.Join(filepath.Dir(filepath.Dir(path)), name)))
	}
}

// otherWeights puts a small tensor in place of the model's.
func otherWeights(t *testing.T, path string) {
	if err := model.WriteTensors(path, []model.NamedTensor{{Name: "theta", Shape: []int{2}, Data: []float32{1, 2}}}); err != nil {
		t.Fatal(err)
	}
}
