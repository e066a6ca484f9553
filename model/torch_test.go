package model

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// torchFile is the bytes of a file as torch.save writes it: a pickle of the state
// dict and, uncompressed, a storage for each tensor.
func torchFile(tensors []raw) string {
	pickle := "\x80\x02ccollections\nOrderedDict\n)R("
	entries := []string{"", ""}
	for i, r := range tensors {
		key := fmt.Sprint(i)
		shape, strides := "(", ")"
		stride := 1
		for _, n := range slices.Backward(r.shape) {
			strides, stride = pickledInt(stride)+strides, stride*n
		}
		for _, n := range r.shape {
			shape += pickledInt(n)
		}
		pickle += pickledText(r.name) + "ctorch._utils\n_rebuild_tensor_v2\n((" + pickledText("storage") + "ctorch\n" + storageNames[r.dtype] + "\n" +
			pickledText(key) + pickledText("cpu") + pickledInt(stride) + "tQK\x00" + shape + "t(" + strings.TrimSuffix(strides, ")") +
			"t\x89ccollections\nOrderedDict\n)RtR"
		entries = append(entries, "archive/data/"+key, string(r.encode()))
	}
	entries[0], entries[1] = "archive/data.pkl", pickle+"u."
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for e := range slices.Chunk(entries, 2) {
		part, _ := w.CreateHeader(&zip.FileHeader{Name: e[0], Method: zip.Store})
		_, _ = part.Write([]byte(e[1]))
	}
	_ = w.Close() // to memory
	return b.String()
}

var storageNames = map[string]string{"F32": "FloatStorage", "F16": "HalfStorage", "BF16": "BFloat16Storage", "F64": "DoubleStorage", "I64": "LongStorage"}

func pickledInt(n int) string {
	return "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(n)))
}

func pickledText(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

const torchName, torchIndex = "pytorch_model.bin", "pytorch_model.bin.index.json"

// torchSingle is the files of a directory with one file of PyTorch's.
func torchSingle(tensors []raw) map[string]string {
	return map[string]string{"config.json": smallConfig, torchName: torchFile(tensors)}
}

// torchSharded is the files of a directory with two shards of PyTorch's.
func torchSharded(tensors []raw) map[string]string {
	half := len(tensors) / 2
	var entries []string
	for i, r := range tensors {
		entries = append(entries, fmt.Sprintf("%q: %q", r.name, torchShard(1+min(i/half, 1))))
	}
	return map[string]string{"config.json": smallConfig, torchShard(1): torchFile(tensors[:half]), torchShard(2): torchFile(tensors[half:]),
		torchIndex: `{"weight_map": {` + strings.Join(entries, ",") + "}}"}
}

func torchShard(k int) string { return fmt.Sprintf("pytorch_model-%05d-of-00002.bin", k) }

// heads of the tasks that a BERT is trained on.
func predictions(dtype string) []raw {
	return []raw{newRaw("cls.predictions.bias", dtype, 13), newRaw("cls.predictions.transform.dense.weight", dtype, 6, 6),
		newRaw("cls.predictions.transform.LayerNorm.gamma", dtype, 6), newRaw("cls.predictions.decoder.weight", dtype, 13, 6)}
}

var predictionNames = []string{"cls.predictions.bias", "cls.predictions.transform.dense.weight",
	"cls.predictions.transform.LayerNorm.gamma", "cls.predictions.decoder.weight"}

// torchLayouts is layouts of PyTorch's own files, by the class of transformers
// that saved them.
var torchLayouts = []checkpointLayout{
	{name: "BertForSequenceClassification of PyTorch", files: torchSingle(checkpoint(2, "F32"))},
	{name: "float16 of PyTorch", files: torchSingle(checkpoint(2, "F16"))},
	{name: "bfloat16 of PyTorch in shards", files: torchSharded(checkpoint(2, "BF16"))},
	{name: "float64 of PyTorch", files: torchSingle(checkpoint(2, "F64"))},
	{name: "BertModel of PyTorch", files: torchSingle(renamed(without(checkpoint(2, "F32"), "classifier"), "bert.", "")), initialised: classifier},
	{name: "BertForMaskedLM of PyTorch", initialised: slices.Concat(pooler, classifier), ignored: predictionNames,
		files: torchSingle(append(without(without(checkpoint(2, "F32"), "bert.pooler"), "classifier"), predictions("F32")...))},
	{name: "BertForPreTraining of PyTorch, old names", initialised: classifier, ignored: append(predictionNames, "cls.seq_relationship.weight"),
		files: torchSingle(append(renamed(renamed(without(checkpoint(2, "F32"), "classifier"), "LayerNorm.weight", "LayerNorm.gamma"), "LayerNorm.bias", "LayerNorm.beta"),
			append(predictions("F32"), newRaw("cls.seq_relationship.weight", "F32", 2, 6))...))},
	{name: "BertForMultipleChoice of PyTorch", files: torchSingle(checkpoint(1, "F32")), labels: []string{"a", "b"}, initialised: classifier},
	{name: "BertForMultipleChoice", files: single(checkpoint(1, "F16")), labels: []string{"a", "b", "c"}, initialised: classifier},
	{name: "safetensors beside PyTorch's", files: with(torchSingle(checkpoint(9, "F16")), single(checkpoint(2, "F32")))},
	{name: "constants of PyTorch", files: torchSingle(append(checkpoint(2, "F32"), newRaw("bert.embeddings.position_ids", "I64", 1, 9)))},
}

// badTorchDirectories is badDirectories of PyTorch's own files.
var badTorchDirectories = []badDirectory{
	{"no file of PyTorch", map[string]string{"config.json": smallConfig, torchName: "PK"},
		"DIR/pytorch_model.bin: is no file of torch.save: it begins neither as a zip nor as its legacy format; copy it again"},
	{"a program", map[string]string{"config.json": smallConfig, torchName: strings.ReplaceAll(torchFile(nil), "collections\nOrderedDict", "code\nInteractiveConsole")},
		"DIR/pytorch_model.bin: archive/data.pkl: byte 2 of the pickle: it refers to code.InteractiveConsole, which no file of weights needs; Python may run a program when it loads this file"},
	{"cut short", truncated(torchName, torchSingle(checkpoint(2, "F32")), 30),
		"DIR/pytorch_model.bin: is cut short or damaged: zip: not a valid zip file; copy it again"},
	{"a shape turned round in PyTorch's", torchSingle(replaced(checkpoint(2, "F32"), newRaw("bert.encoder.layer.0.output.dense.weight", "F32", 10, 6))),
		`DIR/pytorch_model.bin: tensor "bert.encoder.layer.0.output.dense.weight" has shape (10, 6), want (6, 10) by config.json`},
	{"whole numbers in PyTorch's", torchSingle(replaced(checkpoint(2, "F32"), newRaw(query, "I64", 6, 6))),
		`DIR/pytorch_model.bin: tensor "` + query + `" has dtype I64, want F32, F16, BF16 or F64`},
	{"a tensor missing in PyTorch's", torchSingle(without(checkpoint(2, "F32"), query)),
		`DIR/pytorch_model.bin: there is no tensor "` + query + `"; want all of a BERT with num_hidden_layers 2`},
	{"a shard of PyTorch's missing", dropped(torchSharded(checkpoint(2, "F32")), torchShard(2)),
		`DIR/` + torchIndex + `: the shard "` + torchShard(2) + `" is missing; copy the whole directory`},
}

// Weights stream: reading takes the memory of the parameters and little else.
func TestLoadHoldsWeightsOnce(t *testing.T) {
	const vocabulary = 100_000
	tensors := replaced(checkpoint(2, "F32"), newRaw("bert.embeddings.word_embeddings.weight", "F32", vocabulary, 6))
	for name, files := range map[string]map[string]string{"safetensors": single(tensors), "PyTorch": torchSingle(tensors)} {
		dir := folder(t, edited(files, "config.json", `"vocab_size": 13`, fmt.Sprintf(`"vocab_size": %d`, vocabulary)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		l, err := Load[float32](dir, LoadOptions{})
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		n := after.TotalAlloc - before.TotalAlloc
		if most := uint64(4*len(l.Params.Arena()) + 1<<20); n > most {
			t.Errorf("%s: %d bytes were reserved for %d parameters", name, n, len(l.Params.Arena()))
		}
	}
}
