package model

import (
	"maps"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
)

var (
	pooler     = []string{"bert.pooler.dense.weight", "bert.pooler.dense.bias"}
	classifier = []string{"classifier.weight", "classifier.bias"}
)

// checkpointLayout is a checkpoint in a directory, and what becomes of it.
type checkpointLayout struct {
	name                 string
	files                map[string]string
	labels               []string
	initialised, ignored []string
}

// layouts is the ways in which checkpoints lie in directories.
var layouts = []checkpointLayout{
	{name: "one file", files: single(checkpoint(2, "F32"))},
	{name: "three shards", files: sharded(checkpoint(2, "F32"), 3)},
	{name: "one shard", files: sharded(checkpoint(2, "F32"), 1)},
	{name: "float16", files: single(checkpoint(2, "F16"))},
	{name: "bfloat16", files: single(checkpoint(2, "BF16"))},
	{name: "float64", files: single(checkpoint(2, "F64"))},
	{name: "float16 in shards", files: sharded(checkpoint(2, "F16"), 4)},
	{name: "old names", files: single(renamed(renamed(checkpoint(2, "F32"), "LayerNorm.weight", "LayerNorm.gamma"), "LayerNorm.bias", "LayerNorm.beta"))},
	{name: "compiled", files: single(renamed(renamed(checkpoint(2, "F32"), "bert.", "_orig_mod.bert."), "classifier", "_orig_mod.classifier"))},
	{name: "an encoder compiled", files: single(renamed(checkpoint(2, "F32"), "bert.encoder.", "bert.encoder._orig_mod."))},
	{name: "no prefix", files: single(renamed(without(checkpoint(2, "F32"), "classifier"), "bert.", "")), initialised: classifier},
	{name: "no prefix, old names, shards, float16", initialised: classifier,
		files: sharded(renamed(renamed(without(checkpoint(2, "F16"), "classifier"), "bert.", ""), "LayerNorm.weight", "LayerNorm.gamma"), 2)},
	{name: "no pooler", files: single(without(checkpoint(2, "F32"), "bert.pooler")), initialised: pooler},
	{name: "no pooler, no classifier", files: single(without(without(checkpoint(2, "F32"), "bert.pooler"), "classifier")),
		initialised: slices.Concat(pooler, classifier)},
	{name: "as many labels of other names", files: single(checkpoint(2, "F32")), labels: []string{"no", "yes"}, initialised: classifier},
	{name: "the same labels", files: single(checkpoint(2, "F32")), labels: []string{"label_0", "LABEL_1"}},
	{name: "one output of another name", files: edited(single(checkpoint(1, "F32")), "config.json", `{`, `{"num_labels": 1, `), labels: []string{"score"}},
	{name: "more labels", files: single(checkpoint(2, "F32")), labels: []string{"a", "b", "c"}, initialised: classifier},
	{name: "fewer labels", files: single(checkpoint(2, "F32")), labels: []string{"a"}, initialised: classifier},
	{name: "masked-language modelling", initialised: classifier, files: single(append(without(checkpoint(2, "F32"), "classifier"),
		newRaw("cls.predictions.bias", "F32", 13), newRaw("cls.predictions.decoder.weight", "F32", 13, 6),
		newRaw("cls.seq_relationship.weight", "F32", 2, 6))),
		ignored: []string{"cls.predictions.bias", "cls.predictions.decoder.weight", "cls.seq_relationship.weight"}},
	{name: "constants saved along", files: single(append(checkpoint(2, "F32"), newRaw("bert.embeddings.position_ids", "I64", 1, 9)))},
	{name: "a tensor of unknown dtype", files: single(append(checkpoint(2, "F32"), raw{name: "scale", dtype: "F6", shape: []int{3}})),
		ignored: []string{"scale"}},
	{name: "an encoder more than config.json says", ignored: []string{"bert.encoder.layer.2.output.dense.bias"},
		files: single(append(checkpoint(2, "F32"), newRaw("bert.encoder.layer.2.output.dense.bias", "F32", 6)))},
	{name: "one file beside an index", files: with(sharded(checkpoint(9, "F16"), 2), single(checkpoint(2, "F32")))},
}

// with is a directory's files with those of others put over them.
func with(files, others map[string]string) map[string]string {
	files = maps.Clone(files)
	maps.Copy(files, others)
	return files
}

func TestLoadLayouts(t *testing.T) {
	for _, c := range slices.Concat(layouts, torchLayouts) {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, c.files)
			single, err := Load[float32](dir, LoadOptions{Labels: c.labels, Seed: 5})
			if err != nil {
				t.Fatal(err)
			}
			double, err := Load[float64](dir, LoadOptions{Labels: c.labels, Seed: 5})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(single.Initialised, c.initialised) || !slices.Equal(single.Ignored, c.ignored) {
				t.Errorf("initialised %q, want %q\nignored %q, want %q", single.Initialised, c.initialised, single.Ignored, c.ignored)
			}
			if c.labels != nil && !slices.Equal(single.Config.Labels(), c.labels) {
				t.Errorf("labels are %q, want %q", single.Config.Labels(), c.labels)
			}
			checkLoaded(t, single)
			checkLoaded(t, double)
		})
	}
}

// checkLoaded wants the checkpoint's values in every tensor but the initialised
// ones, which have those of Init.
func checkLoaded[T kernel.Float](t *testing.T, l *Loaded[T]) {
	t.Helper()
	fresh := NewParams[T](l.Config)
	fresh.Init(5)
	for _, x := range l.Params.Tensors() {
		for i, got := range l.Params.Slice(x.Name) {
			want := T(value(x.Name, i))
			if slices.Contains(l.Initialised, x.Name) {
				want = fresh.Slice(x.Name)[i]
			}
			if got != want {
				t.Fatalf("%s[%d] is %v, want %v", x.Name, i, got, want)
			}
		}
	}
}

// replaced puts another tensor in place of the one of the same name.
func replaced(tensors []raw, other raw) []raw {
	tensors = slices.Clone(tensors)
	for i := range tensors {
		if tensors[i].name == other.name {
			tensors[i] = other
		}
	}
	return tensors
}

const (
	query  = "bert.encoder.layer.1.attention.self.query.weight"
	shard1 = "model-00001-of-00002.safetensors"
	shard2 = "model-00002-of-00002.safetensors"
	index  = "model.safetensors.index.json"
)

// truncated is a directory whose file is cut by n bytes.
func truncated(name string, files map[string]string, n int) map[string]string {
	files[name] = files[name][:len(files[name])-n]
	return files
}

// edited is a directory with a change of text in a file.
func edited(files map[string]string, name, old, new string) map[string]string {
	if !strings.Contains(files[name], old) {
		panic("nothing to change in " + name)
	}
	files[name] = strings.Replace(files[name], old, new, 1)
	return files
}

// dropped is a directory without a file.
func dropped(files map[string]string, name string) map[string]string {
	delete(files, name)
	return files
}

type badDirectory struct {
	name  string
	files map[string]string
	want  string
}

// badDirectories is the ways in which a directory cannot be loaded, each with its
// message. DIR stands for the directory.
var badDirectories = []badDirectory{
	{"no config.json", dropped(single(checkpoint(2, "F32")), "config.json"), "DIR/config.json: no such file or directory"},
	{"broken config.json", with(single(checkpoint(2, "F32")), map[string]string{"config.json": "{"}),
		"DIR/config.json: is not valid JSON: line 1: unexpected end of JSON input"},
	{"another kind of model", edited(single(checkpoint(2, "F32")), "config.json", `"bert"`, `"xlnet"`),
		`DIR/config.json: model_type is "xlnet", want "bert", "albert", "roberta", "camembert", "xlm-roberta", "distilbert", "electra" or "mpnet"; other kinds of model are not supported`},
	{"no tensors", map[string]string{"config.json": smallConfig},
		"DIR: has no model.safetensors or pytorch_model.bin, nor an index of shards of either"},
	{"shards without an index", dropped(sharded(checkpoint(2, "F32"), 2), index),
		"DIR: has shards, as " + shard1 + ", but not " + index + ", which says what is in each; copy the whole directory"},
	{"shards of PyTorch without an index", dropped(torchSharded(checkpoint(2, "F32")), torchIndex),
		"DIR: has shards, as " + torchShard(1) + ", but not " + torchIndex + ", which says what is in each; copy the whole directory"},
	{"an adapter", map[string]string{"adapter_config.json": `{"base_model_name_or_path": "google-bert/bert-base-uncased"}`, "adapter_model.safetensors": ""},
		"DIR: has an adapter of PEFT (adapter_config.json) without the model that it changes, google-bert/bert-base-uncased; join the two by merge_and_unload and save that"},
	{"an adapter of no name beside a config.json", map[string]string{"config.json": smallConfig, "adapter_config.json": `{}`},
		"DIR: has an adapter of PEFT (adapter_config.json) without the model that it changes, which it does not name; join the two by merge_and_unload and save that"},
	{"the old layout of sentence-transformers", map[string]string{"modules.json": "[]", "0_Transformer/config.json": smallConfig},
		"DIR: is a model of sentence-transformers, which has its encoder in DIR/0_Transformer; name that folder"},
	{"a folder that sentence-transformers names", map[string]string{"modules.json": `[{"idx": 0, "name": "0", "path": "encoder", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]`, "encoder/config.json": smallConfig},
		"DIR: is a model of sentence-transformers, which has its encoder in DIR/encoder; name that folder"},
	{"neither model nor anything known", map[string]string{"0_Transformer/pytorch_model.bin": ""}, "DIR/config.json: no such file or directory"},
	{"a folder for a file", map[string]string{"config.json": smallConfig, "model.safetensors/x": ""}, "DIR/model.safetensors: not a regular file"},
	{"data cut short", truncated("model.safetensors", single(checkpoint(2, "F32")), 6),
		"DIR/model.safetensors: the file is cut short: 3520 bytes of tensors, of which 3514 are there; copy it again"},
	{"header cut short", with(single(nil), map[string]string{"model.safetensors": string(rawFile(checkpoint(2, "F32"))[:100])}),
		"DIR/model.safetensors: the header has a length of 4177 bytes in a file of 100; the file is cut short, or this is not a safetensors file"},
	{"absurd header length", with(single(nil), map[string]string{"model.safetensors": "\xff\xff\xff\xff\xff\xff\xff\x7f{}"}),
		"DIR/model.safetensors: the header has a length of 9223372036854775807 bytes in a file of 10; the file is cut short, or this is not a safetensors file"},
	{"a page of a web server", with(single(nil), map[string]string{"model.safetensors": "<!DOCTYPE html><html>"}),
		"DIR/model.safetensors: the header has a length of 5789751444030890300 bytes in a file of 21; the file is cut short, or this is not a safetensors file"},
	{"overlap", edited(single(checkpoint(2, "F32")), "model.safetensors", `"data_offsets":[24,48]`, `"data_offsets":[20,44]`),
		`DIR/model.safetensors: tensors "bert.embeddings.LayerNorm.bias" and "bert.embeddings.LayerNorm.weight" overlap in the file`},
	{"whole numbers", single(replaced(checkpoint(2, "F32"), newRaw(query, "I64", 6, 6))),
		`DIR/model.safetensors: tensor "` + query + `" has dtype I64, want F32, F16, BF16 or F64`},
	{"a shape turned round", single(replaced(checkpoint(2, "F32"), newRaw("bert.encoder.layer.0.output.dense.weight", "F32", 10, 6))),
		`DIR/model.safetensors: tensor "bert.encoder.layer.0.output.dense.weight" has shape (10, 6), want (6, 10) by config.json`},
	{"two shapes", single(replaced(replaced(checkpoint(2, "F32"), newRaw(query, "F32", 36)), newRaw("bert.pooler.dense.bias", "F32", 7))),
		`DIR/model.safetensors: tensor "` + query + `" has shape (36), want (6, 6) by config.json
DIR/model.safetensors: tensor "bert.pooler.dense.bias" has shape (7), want (6) by config.json`},
	{"a classifier of another width", single(replaced(checkpoint(2, "F32"), newRaw("classifier.weight", "F32", 2, 7))),
		`DIR/model.safetensors: tensor "classifier.weight" has shape (2, 7), want (2, 6) by config.json`},
	{"a tensor missing", single(without(checkpoint(2, "F32"), query)),
		`DIR/model.safetensors: there is no tensor "` + query + `"; want all of a BERT with num_hidden_layers 2`},
	{"the same tensor under two names", single(append(checkpoint(2, "F32"), newRaw("pooler.dense.bias", "F32", 6))),
		`DIR/model.safetensors: tensors "bert.pooler.dense.bias" and "pooler.dense.bias" are the same parameter`},
	{"many missing", single(without(checkpoint(2, "F32"), "bert.encoder.layer.1.")),
		manyMissing("DIR/model.safetensors: ", "bert.encoder.layer.1.")},
	{"a shard missing", dropped(sharded(checkpoint(2, "F32"), 2), shard2),
		`DIR/` + index + `: the shard "` + shard2 + `" is missing; copy the whole directory`},
	{"a shard cut short", truncated(shard2, sharded(checkpoint(2, "F32"), 2), 1),
		"DIR/" + shard2 + ": the file is cut short: 1536 bytes of tensors, of which 1535 are there; copy it again"},
	{"a shard without its tensor", edited(sharded(checkpoint(2, "F32"), 2), index, `"classifier.bias": "`+shard2, `"classifier.bias": "`+shard1),
		`DIR/` + index + `: tensor "classifier.bias" is not in "` + shard1 + `", which should have it`},
	{"a shard elsewhere", edited(sharded(checkpoint(2, "F32"), 2), index, `"`+shard2, `"../`+shard2),
		`DIR/` + index + `: the shard "../` + shard2 + `" of tensor "bert.encoder.layer.1.attention.output.LayerNorm.bias" is no file of this directory`},
	{"an index of nothing", with(sharded(checkpoint(2, "F32"), 2), map[string]string{index: `{"metadata": {}}`}),
		"DIR/" + index + ": has no weight_map, which names the shard of each tensor"},
	{"a broken index", with(sharded(checkpoint(2, "F32"), 2), map[string]string{index: `{"weight_map": [1]}`}),
		"DIR/" + index + ": weight_map is a list, want an object"},
	{"a shape wrong in a shard", sharded(replaced(checkpoint(2, "F32"), newRaw("bert.pooler.dense.bias", "F32", 5)), 2),
		`DIR/` + shard2 + `: tensor "bert.pooler.dense.bias" has shape (5), want (6) by config.json`},
	{"other labels in config.json", edited(single(checkpoint(3, "F32")), "config.json", "{", `{"num_labels": 2,`),
		`DIR/model.safetensors: tensor "classifier.weight" has shape (3, 6), want (2, 6) by config.json
DIR/model.safetensors: tensor "classifier.bias" has shape (3), want (2) by config.json`},
	{"NaN", single(replaced(checkpoint(2, "F32"), withValue(newRaw(query, "F32", 6, 6), math.NaN()))), notFinite},
	{"too large for float32", single(replaced(checkpoint(2, "F64"), withValue(newRaw(query, "F64", 6, 6), -1e39))), notFinite},
}

const notFinite = `DIR/model.safetensors: tensor "` + query + `" holds NaN or infinity: its training diverged, or the file is damaged`

// withValue is a tensor with another last value.
func withValue(r raw, v float64) raw {
	r.values[len(r.values)-1] = v
	return r
}

// manyMissing is the message for all tensors of an encoder, of which eight are named.
func manyMissing(file, prefix string) string {
	var lines []string
	for _, t := range smallTensors {
		if name, _, _ := strings.Cut(t, " "); strings.HasPrefix(name, prefix) && len(lines) < 8 {
			lines = append(lines, file+`there is no tensor "`+name+`"; want all of a BERT with num_hidden_layers 2`)
		}
	}
	return strings.Join(append(lines, file+"and 8 more tensors like these"), "\n")
}

func TestLoadOfBadDirectories(t *testing.T) {
	for _, c := range slices.Concat(badDirectories, badTorchDirectories) {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, c.files)
			l, err := Load[float32](dir, LoadOptions{})
			wantError(t, err, c.want, dir)
			if l != nil {
				t.Error("a model comes with the error")
			}
		})
	}
}

// Tensors that are missing from a shard are named in the order of their names, whatever
// that of the index.
func TestLoadNamesMissingTensorsInOrder(t *testing.T) {
	files := sharded(checkpoint(2, "F32"), 2)
	files[index] = strings.ReplaceAll(files[index], shard1, shard2)
	dir := folder(t, files)
	_, err := Load[float32](dir, LoadOptions{})
	var names []string
	for _, r := range checkpoint(2, "F32") {
		names = append(names, r.name)
	}
	names = slices.Sorted(slices.Values(names[:(len(names)+1)/2]))
	var lines []string
	for _, name := range names {
		lines = append(lines, `DIR/`+index+`: tensor "`+name+`" is not in "`+shard2+`", which should have it`)
	}
	wantError(t, err, strings.Join(lines, "\n"), dir)
}

func TestLoadOfNoDirectory(t *testing.T) {
	dir := folder(t, map[string]string{"file": ""})
	_, err := Load[float32](filepath.Join(dir, "none"), LoadOptions{})
	wantError(t, err, "DIR/none: no such file or directory", dir)
	_, err = Load[float32](filepath.Join(dir, "file"), LoadOptions{})
	wantError(t, err, "DIR/file: is not a directory, want one with config.json and model.safetensors or pytorch_model.bin", dir)
}

// A configuration far larger than the tensors is refused before memory is
// reserved for it.
func TestLoadReservesNothingForShapesThatAreNotThere(t *testing.T) {
	dir := folder(t, edited(single(checkpoint(2, "F32")), "config.json", `"vocab_size": 13`, `"vocab_size": 16000000`))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Load[float64](dir, LoadOptions{})
	runtime.ReadMemStats(&after)
	wantError(t, err, `DIR/model.safetensors: tensor "bert.embeddings.word_embeddings.weight" has shape (13, 6), want (16000000, 6) by config.json`, dir)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes were reserved", n)
	}
}

// What is to be used as it is must be whole.
func TestLoadTrainedWantsAClassifier(t *testing.T) {
	c := identityConfig()
	p := NewParams[float32](c)
	p.Init(1)
	dir := t.TempDir()
	if err := Save(dir, c, p); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadTrained[float32](dir); err != nil {
		t.Fatal(err)
	}
	var bare []NamedTensor
	for _, tensor := range p.Tensors() {
		if !strings.HasPrefix(tensor.Name, "classifier.") {
			bare = append(bare, NamedTensor{Name: tensor.Name, Shape: tensor.Shape, Data: p.Slice(tensor.Name)})
		}
	}
	if err := WriteTensors(filepath.Join(dir, "model.safetensors"), bare); err != nil {
		t.Fatal(err)
	}
	_, err := LoadTrained[float32](dir)
	if want := dir + ": lacks the tensors classifier.weight, classifier.bias, want a trained classifier; fine-tune it first"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
