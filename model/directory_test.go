package model

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/safetensors"
)

// The directories of these tests are made byte by byte, without the code that
// saves models.

// smallConfig is config.json of small without its labels, as transformers has it
// for a checkpoint of two.
const smallConfig = `{"model_type": "bert", "vocab_size": 13, "hidden_size": 6, "num_hidden_layers": 2, "num_attention_heads": 3,
"intermediate_size": 10, "max_position_embeddings": 9, "type_vocab_size": 4, "hidden_act": "gelu"}`

// raw is a tensor of a file.
type raw struct {
	name, dtype string
	shape       []int
	values      []float64 // exact in every dtype
}

// encode is the bytes of r.
func (r *raw) encode() (b []byte) {
	for _, v := range r.values {
		single := math.Float32bits(float32(v))
		switch r.dtype {
		case "F64":
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		case "F32":
			b = binary.LittleEndian.AppendUint32(b, single)
		case "BF16":
			b = binary.LittleEndian.AppendUint16(b, uint16(single>>16))
		case "F16":
			b = binary.LittleEndian.AppendUint16(b, half(single))
		case "I64":
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
	}
	return b
}

// half narrows a float32 that binary16 holds exactly.
func half(single uint32) uint16 {
	if single<<1 == 0 {
		return uint16(single >> 16)
	}
	return uint16(single>>16&0x8000 | (single>>23&255-127+15)<<10 | single>>13&1023)
}

// rawFile is the bytes of a safetensors file.
func rawFile(tensors []raw) []byte {
	var entries []string
	var data []byte
	for _, r := range tensors {
		from := len(data)
		data = append(data, r.encode()...)
		shape := strings.Trim(safetensors.FormatShape(r.shape), "()")
		entries = append(entries, fmt.Sprintf(`%q:{"dtype":%q,"shape":[%s],"data_offsets":[%d,%d]}`, r.name, r.dtype, shape, from, len(data)))
	}
	header := `{"__metadata__":{"format":"pt"},` + strings.Join(entries, ",") + "}"
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), data...)
}

// value is element i of the tensor of that name: a multiple of 1/16 in [−4, 4),
// which every dtype holds exactly.
func value(name string, i int) float64 {
	for _, c := range name {
		i = (i*31 + int(c)) % 1009
	}
	return float64(i%128)/16 - 4
}

func newRaw(name, dtype string, shape ...int) raw {
	r := raw{name: name, dtype: dtype, shape: shape, values: make([]float64, size(shape))}
	for i := range r.values {
		r.values[i] = value(name, i)
	}
	return r
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// checkpoint is the tensors of small with some number of labels, in alphabetical
// order as transformers saves them.
func checkpoint(labels int, dtype string) []raw {
	c := small()
	c.SetLabels(make([]string, labels))
	var all []raw
	for _, t := range c.Net().Tensors() {
		all = append(all, newRaw(t.Name, dtype, t.Shape...))
	}
	slices.SortFunc(all, func(a, b raw) int { return strings.Compare(a.name, b.name) })
	return all
}

// without leaves out the tensors whose names begin so.
func without(tensors []raw, prefix string) []raw {
	return slices.DeleteFunc(slices.Clone(tensors), func(r raw) bool { return strings.HasPrefix(r.name, prefix) })
}

// renamed replaces old by new in all names. Values stay those of the old names.
func renamed(tensors []raw, old, new string) []raw {
	tensors = slices.Clone(tensors)
	for i := range tensors {
		tensors[i].name = strings.Replace(tensors[i].name, old, new, 1)
	}
	return tensors
}

// folder makes a directory of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// single is the files of a directory with one file of tensors.
func single(tensors []raw) map[string]string {
	return map[string]string{"config.json": smallConfig, "model.safetensors": string(rawFile(tensors))}
}

// sharded is the files of a directory with the tensors cut into n shards.
func sharded(tensors []raw, n int) map[string]string {
	files := map[string]string{"config.json": smallConfig}
	var entries []string
	for k, part := range slices.Collect(slices.Chunk(tensors, (len(tensors)+n-1)/n)) {
		shard := fmt.Sprintf("model-%05d-of-%05d.safetensors", k+1, n)
		files[shard] = string(rawFile(part))
		for _, r := range part {
			entries = append(entries, fmt.Sprintf("%q: %q", r.name, shard))
		}
	}
	files["model.safetensors.index.json"] = `{"metadata": {"total_size": 1}, "weight_map": {` + strings.Join(entries, ",\n") + "}}"
	return files
}

// wantError wants a *model.Error with the message, where DIR stands for dir.
func wantError(t *testing.T, err error, want, dir string) {
	t.Helper()
	want = strings.ReplaceAll(want, "DIR", dir)
	var e *Error
	if err == nil || err.Error() != want || !errors.As(err, &e) {
		t.Errorf("error (%T) is\n%v\nwant\n%s", err, err, want)
	}
}

// sentence-transformers says how long texts are, unless it has null, or nothing is said; as
// many tokens as the model has positions, 9, at most. What is no such number is refused.
func TestMeantLength(t *testing.T) {
	for _, row := range []struct {
		text string // of the file; "": none
		want int
		err  string
	}{
		{`{"max_seq_length": 7, "do_lower_case": false}`, 7, ""},
		{`{"max_seq_length": 3}`, 3, ""},
		{`{"max_seq_length": 128}`, 9, ""},
		{`{"max_seq_length": null}`, 0, ""},
		{`{}`, 0, ""},
		{"", 0, ""},
		{`{"max_seq_length": 2}`, 0, "DIR/sentence_bert_config.json: max_seq_length is 2, want 3 or more"},
		{`{"max_seq_length": "many"}`, 0, "DIR/sentence_bert_config.json: max_seq_length is a string, want a whole number"},
	} {
		files := map[string]string{}
		if row.text != "" {
			files["sentence_bert_config.json"] = row.text
		}
		dir, c := folder(t, files), small()
		got, err := MeantLength(dir, &c)
		if row.err != "" {
			wantError(t, err, row.err, dir)
		} else if err != nil || got != row.want {
			t.Errorf("%s: %d, %v, want %d", row.text, got, err, row.want)
		}
	}
}
