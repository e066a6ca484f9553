package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/safetensors"
	"github.com/powerbert/powerbert/retention"
)

func TestSaveAndLoadAgain(t *testing.T) {
	t.Run("float32", saveAndLoad[float32])
	t.Run("float64", saveAndLoad[float64])
}

// saveAndLoad wants the same bits and the same configuration back, also where
// an older model was in the directory.
func saveAndLoad[T kernel.Float](t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "sst2")
	c := small()
	c.PowerRetention = &retention.Configuration{MaxLength: 9, Ranks: "absolute", Keep: []int{7, 2}}
	p := NewParams[T](c)
	for _, seed := range []uint64{1, 2} {
		p.Init(seed)
		p.Slice("classifier.bias")[0] = T(math.Copysign(0, -1))
		p.Slice("classifier.bias")[1] = math.SmallestNonzeroFloat32
		if err := Save(dir, c, p); err != nil {
			t.Fatal(err)
		}
		l, err := Load[T](dir, LoadOptions{Seed: 99})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range l.Params.Arena() {
			if math.Float64bits(float64(v)) != math.Float64bits(float64(p.Arena()[i])) {
				t.Fatalf("element %d is %v, want %v", i, v, p.Arena()[i])
			}
		}
		if len(l.Initialised)+len(l.Ignored) > 0 {
			t.Errorf("initialised %q, ignored %q", l.Initialised, l.Ignored)
		}
		if !reflect.DeepEqual(l.Config.PowerRetention, c.PowerRetention) || !slices.Equal(l.Config.Labels(), c.Labels()) {
			t.Errorf("configuration is %+v, want %+v", l.Config, c)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 4 {
		t.Errorf("the directory holds %v, want config.json, model.safetensors, modeling_power_bert.py and the manifest", entries)
	}
}

// What other tools read: tensor names, the metadata without which transformers
// refuses a file, and the keys of config.json.
func TestSavedDirectoryIsHuggingFaces(t *testing.T) {
	dir, c := t.TempDir(), small()
	c.Extra = map[string]json.RawMessage{"torch_dtype": json.RawMessage(`"float16"`), "dtype": json.RawMessage(`"float16"`), "use_cache": json.RawMessage("true"),
		"tie_word_embeddings": json.RawMessage("false")}
	if err := Save(dir, c, NewParams[float32](c)); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var got []string
	for _, x := range f.Tensors() {
		got = append(got, x.Name+" "+safetensors.FormatShape(x.Shape))
	}
	if !slices.Equal(got, smallTensors) || f.Metadata()["format"] != "pt" {
		t.Errorf("the file holds %q with metadata %v", got, f.Metadata())
	}
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"model_type": "bert", "architectures": []any{"BertForSequenceClassification"}, "torch_dtype": "float32", "dtype": nil, "use_cache": true,
		"hidden_size": 6.0, "num_hidden_layers": 2.0, "layer_norm_eps": 1e-12, "classifier_dropout": nil,
		"label2id": map[string]any{"a": 0.0, "b": 1.0, "c": 2.0, "d": 3.0, "e": 4.0}, "power_retention": nil, "tie_word_embeddings": nil,
	} {
		if !reflect.DeepEqual(keys[key], want) {
			t.Errorf("config.json has %s: %v, want %v", key, keys[key], want)
		}
	}
	if string(c.Extra["torch_dtype"]) != `"float16"` {
		t.Error("Save changed the configuration it was given")
	}
}

func TestSaveWhereItCannot(t *testing.T) {
	c := small()
	p := NewParams[float32](c)
	dir := folder(t, map[string]string{"file": "", "taken/model.safetensors/x": "", "half/config.json/x": ""})
	for sub, want := range map[string]string{
		"file":  "mkdir " + dir + "/file: not a directory",
		"taken": "replace " + dir + "/taken/model.safetensors: file exists",
		"half":  "replace " + dir + "/half/config.json: file exists",
	} {
		if err := Save(filepath.Join(dir, sub), c, p); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

func TestTensorsRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	want := []NamedTensor{
		{Name: "d", Shape: []int{3}, Data: []float64{1, math.Pi, -0.1}},
		{Name: "n", Shape: nil, Data: []int64{-9}},
		{Name: "s", Shape: []int{2, 1}, Data: []float32{0.5, 3}},
	}
	if err := WriteTensors(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadTensors(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if got[i].Name != want[i].Name || len(got[i].Shape) != len(want[i].Shape) || !reflect.DeepEqual(got[i].Data, want[i].Data) {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}

func TestReadTensorsOfBrokenFiles(t *testing.T) {
	dir := folder(t, map[string]string{
		"short": string(rawFile([]raw{newRaw("w", "F32", 5)})[:100]),
		"odd":   string(rawFile([]raw{{name: "w", dtype: "U8", shape: []int{0}}})),
	})
	for name, want := range map[string]string{
		"none":  "DIR/none: no such file or directory",
		"short": "DIR/short: the file is cut short: 20 bytes of tensors, of which 6 are there; copy it again",
		"odd":   `DIR/odd: tensor "w" has dtype U8, want F32, F16, BF16, F64, I64 or I8`,
	} {
		_, err := ReadTensors(filepath.Join(dir, name))
		wantError(t, err, want, dir)
	}
}

func TestReadTensorsOfAnUnreadableFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read anything")
	}
	dir := folder(t, map[string]string{"locked": ""})
	if err := os.Chmod(filepath.Join(dir, "locked"), 0); err != nil {
		t.Fatal(err)
	}
	_, err := ReadTensors(filepath.Join(dir, "locked"))
	wantError(t, err, "DIR/locked: "+fs.ErrPermission.Error(), dir)
}

// A directory tells its kind and its weights apart from others without a load.
func TestDirectoriesAreToldApart(t *testing.T) {
	saved := func(seed uint64) string {
		dir, c := t.TempDir(), small()
		p := NewParams[float32](c)
		p.Init(seed)
		if err := Save(dir, c, p); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	a, copied, b := saved(1), saved(1), saved(2)
	digest := func(dir string) [32]byte {
		d, err := WeightsDigest(dir)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if digest(a) != digest(copied) || digest(a) == digest(b) {
		t.Errorf("digests %x, %x of a copy, %x of other weights", digest(a), digest(copied), digest(b))
	}
	t.Chdir(a)
	for dir, want := range map[string]string{a: "bert", t.TempDir(): "", "": ""} {
		if got := TypeOf(dir); got != want {
			t.Errorf("type %q of %q, want %q", got, dir, want)
		}
	}
	if _, err := WeightsDigest(t.TempDir()); err == nil {
		t.Error("a digest of no weights")
	}
}

// A header that a damaged byte made unreadable, or another, is told as damage, of weights in
// either precision.
func TestADamagedHeaderIsToldAsDamage(t *testing.T) {
	floats, int8 := filepath.Join(t.TempDir(), "floats"), filepath.Join(t.TempDir(), "int8")
	c, q := small(), int8Config(small())
	p := NewParams[float32](c)
	p.Init(1)
	if err := errors.Join(Save(floats, c, p), SaveInt8(int8, q, int8Params(q), nil)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(floats, weightsFile), filepath.Join(int8, int8File)} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, damage := range [][2]string{{`"F32"`, `"Fx2"`}, {`{"`, `x"`}, {"dense", "dEnse"}} {
			if err := os.WriteFile(path, bytes.Replace(whole, []byte(damage[0]), []byte(damage[1]), 1), 0o666); err != nil {
				t.Fatal(err)
			}
			if _, _, err := LoadFrozen(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), "has CRC-32C") {
				t.Errorf("%s with %s: %v, want that it is damaged", filepath.Base(path), damage[1], err)
			}
		}
	}
}
