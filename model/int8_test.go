package model

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/safetensors"
	"github.com/powerbert/powerbert/model/arch"
)

// int8Params are random weights, and such biases and LayerNorms, too.
func int8Params(c arch.Config) *Params[float32] {
	random, p := rand.New(rand.NewPCG(5, 1)), NewParams[float32](c)
	for i := range p.Arena() {
		p.Arena()[i] = 0.2 * float32(random.NormFloat64())
	}
	return p
}

// int8Config is a configuration whose model is quantised but for some layers and, where there
// are such, the table of words.
func int8Config(c arch.Config, float ...string) arch.Config {
	c = c.Clone()
	c.Quantization = &arch.Quantization{Scheme: arch.SchemeInt8, Words: len(float) == 0, Float: float, Source: "retrain", SHA256: "12ab"}
	return c
}

// smooth is a configuration whose products have factors.
func smooth(c arch.Config) arch.Config {
	c.Quantization.Scheme = arch.SchemeSmooth
	return c
}

// int8Ranges are such of what the products read that their factors differ; none of products
// without factors.
func int8Ranges(c arch.Config) []Range {
	if !c.Quantization.Smooth() {
		return nil
	}
	random, ranges := rand.New(rand.NewPCG(6, 1)), Ranges(c)
	for _, r := range ranges {
		for k := range r.Low {
			r.See(slices.Repeat([]float32{float32(random.NormFloat64()) * float32(k%7)}, len(r.Low)))
		}
		r.High[0] = 30
	}
	return ranges
}

// saveInt8 writes a configuration's random weights in int8.
func saveInt8(t *testing.T, dir string, c arch.Config) {
	t.Helper()
	products, err := QuantizeProducts(int8Params(c), int8Ranges(c))
	if err == nil {
		err = SaveInt8(dir, c, int8Params(c), products)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// int8Configs are those of frozenConfigs and of every family that classify, with layers
// to stay in float, and with factors.
func int8Configs() map[string]arch.Config {
	all, some := make(map[string]arch.Config), frozenConfigs()
	for name, c := range twinConfigs() {
		if c = c.Picked(4, func(j int) int { return j % c.NumHiddenLayers }); c.Family().Type != arch.BERT && c.Family().Type != arch.ALBERT {
			some[name] = c
		}
	}
	for name, c := range some {
		if c.MaskedLM() {
			continue
		}
		all[name] = int8Config(c)
		all[name+", smooth"] = smooth(int8Config(c))
		block := &c.Net().Blocks[1]
		all[name+", two layers float"] = int8Config(c, block.FFN.In.Name, block.Attention.Key.Name, block.Attention.Query.Name, block.Attention.Value.Name)
	}
	return all
}

// logitsOf are those of a network over weights.
func logitsOf(t *testing.T, c arch.Config, w Weights[float32], use Use) (wide []float64) {
	t.Helper()
	n := filled(t, c, w, nil, use, 13, 2, 7)
	if err := n.Forward(); err != nil {
		t.Fatal(err)
	}
	for _, v := range Values[float32](n.Logits) {
		wide = append(wide, float64(v))
	}
	return wide
}

var int8Uses = map[string]Use{"dense": {}, "full": {Full: true}, "hard": {Elimination: keep(9, 7, 5, 2)}}

// What is saved and loaded has the bits of the products that were quantised in memory.
func TestInt8ComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, c := range int8Configs() {
		dir := t.TempDir()
		saveInt8(t, dir, c)
		got, loaded, err := LoadFrozen(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got.Quantization.Source != "retrain" || !slices.Equal(got.Quantization.Float, c.Quantization.Float) {
			t.Errorf("%s: quantisation is %+v", name, got.Quantization)
		}
		p := int8Params(c)
		products, err := QuantizeProducts(p, int8Ranges(c))
		if err != nil {
			t.Fatal(err)
		}
		products = slices.DeleteFunc(products, func(p Int8Product) bool {
			return slices.Contains(c.Quantization.Float, p.Layers[0]) || p.Words != nil && !c.Quantization.Words
		})
		float := p.Freeze()
		for kind, use := range int8Uses {
			want := logitsOf(t, c, WithInt8(float, products...), use)
			wantSame(t, name+", "+kind, logitsOf(t, c, loaded, use), want, 0)
			if slices.Equal(logitsOf(t, c, float, use), want) {
				t.Errorf("%s, %s: the float network has the same logits", name, kind)
			}
		}
	}
}

// int8Twin is weights as the file has them, multiplied by the definition of the numbers
// (internal/kernel/int8.go).
type int8Twin struct {
	v  []int8
	c  []float32
	in int
	f  []float32 // of the rows of x; nil: none
}

func (w int8Twin) Shape() (out, in int) { return len(w.c), w.in }

func (w int8Twin) Slice(from, to int) kernel.Matrix[float32] {
	return int8Twin{w.v[from*w.in : to*w.in], w.c[from:to], w.in, w.f}
}

func (w int8Twin) Affine(y, x, bias []float32, rows int, _ kernel.Each) {
	for i := range rows {
		row := slices.Clone(x[i*w.in : (i+1)*w.in])
		for k := range w.f {
			row[k] *= w.f[k]
		}
		lo, hi := min(0, slices.Min(row)), max(0, slices.Max(row))
		s := max(hi/255-lo/255, 0x1p-126)
		r := 1 / s
		z := math.RoundToEven(float64(-lo * r))
		for j, c := range w.c {
			d := 0.0
			for k, v := range row {
				u := min(math.RoundToEven(float64(v*r))+z, 255)
				d += (u - z) * float64(w.v[j*w.in+k])
			}
			y[i*len(w.c)+j] = float32(float32(float32(d)*s)*c) + bias[j]
		}
	}
}

// A quantised network is its equations with the products of the definition, each of its
// layers where it belongs: as near as GELU's fast form is to GELU.
func TestInt8NetIsItsDefinition(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, c := range int8Configs() {
		dir := t.TempDir()
		saveInt8(t, dir, c)
		_, fast, err := LoadFrozen(dir)
		if err != nil {
			t.Fatal(err)
		}
		p := int8Params(c)
		if c.Quantization.Words {
			wordsIn(t, dir, c, p)
		}
		twin := p.Freeze()
		for i, m := range twinsIn(t, dir, c, twin) {
			twin.matrices[i] = m
		}
		for kind, use := range int8Uses {
			got, want := logitsOf(t, c, fast, use), logitsOf(t, c, twin, use)
			for i := range want {
				if math.Abs(got[i]-want[i]) > 0.05 {
					t.Errorf("%s, %s: logit %d is %v, want %v", name, kind, i, got[i], want[i])
				}
			}
		}
	}
}

// int8Data reads the tensors of a directory.
func int8Data(t *testing.T, dir string) map[string]any {
	t.Helper()
	tensors, err := ReadTensors(filepath.Join(dir, "model.int8.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	data := make(map[string]any)
	for _, x := range tensors {
		data[x.Name] = x.Data
	}
	return data
}

// wordsIn puts the numbers of a directory's table of words into p.
func wordsIn(t *testing.T, dir string, c arch.Config, p *Params[float32]) {
	t.Helper()
	data, words := int8Data(t, dir), c.Net().Embedding.Words
	scales := data[words.Name+".scale"].([]float32)
	for i, v := range data[words.Name+".int8"].([]int8) {
		p.Slice(words.Name)[i] = float32(v) * scales[i/words.Width]
	}
}

// twinsIn reads a directory's integers, by the number of the matrix that they replace.
func twinsIn(t *testing.T, dir string, c arch.Config, f *Frozen[float32]) map[int]int8Twin {
	t.Helper()
	data := int8Data(t, dir)
	twins := make(map[int]int8Twin)
	for _, product := range c.Net().Quantised(c.Quantization) {
		twin := int8Twin{in: product[0].Shape[1]}
		twin.f, _ = data[product[0].Name+".factor"].([]float32)
		for _, x := range product {
			twin.v = append(twin.v, data[x.Name+".int8"].([]int8)...)
			twin.c = append(twin.c, data[x.Name+".scale"].([]float32)...)
		}
		twins[f.places[product[0].Name].matrix] = twin
	}
	return twins
}

// The file has integers and scales for each weight that is quantised, under names that no
// other reader knows, and the weights of config.json's float32 as they were.
func TestInt8File(t *testing.T) {
	const in, out = "bert.encoder.layer.0.intermediate.dense", "bert.encoder.layer.1.output.dense"
	dir, c := t.TempDir(), int8Config(small(), in)
	c.Quantization.Words = true
	p := int8Params(c)
	p.Slice(out + ".weight")[0] = 3 // the largest of output 0
	if err := SaveInt8(dir, c, p, nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(filepath.Join(dir, "model.int8.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Metadata()["format"] == "pt" {
		t.Error("the file says that it is PyTorch's")
	}
	for name, want := range map[string]string{in + ".weight": "F32", out + ".weight.int8": "I8", out + ".weight.scale": "F32", "classifier.weight": "F32",
		out + ".weight": "", in + ".weight.int8": "", "classifier.weight.int8": "", "bert.pooler.dense.weight.int8": "I8",
		"bert.embeddings.word_embeddings.weight.int8": "I8", "bert.embeddings.word_embeddings.weight": "", "bert.embeddings.position_embeddings.weight": "F32"} {
		if info, _ := f.Lookup(name); info.DType != want {
			t.Errorf("%s is %q, want %q", name, info.DType, want)
		}
	}
	scales := make([]float32, 6)
	if err := safetensors.Read(f, out+".weight.scale", scales); err != nil || scales[0] != float32(3)/127 {
		t.Errorf("scale is %v (%v), want 3/127", scales[0], err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var keys struct {
		Quantization map[string]any `json:"power_quantization"`
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		t.Fatal(err)
	}
	if q := keys.Quantization; q["scheme"] != "int8" || q["source"] != "retrain" || q["source_sha256"] != "12ab" || q["words"] != true || len(q["float32"].([]any)) != 1 {
		t.Errorf("config.json says %v", q)
	}
	if is, err := WeightsBytes(dir); err != nil || is < 1000 {
		t.Errorf("%d bytes of weights (%v)", is, err)
	}
}

// A quantised model does not train and is not taken for one of floats.
func TestInt8IsForInference(t *testing.T) {
	dir, c := t.TempDir(), int8Config(small())
	if err := SaveInt8(dir, c, int8Params(c), nil); err != nil {
		t.Fatal(err)
	}
	const want = "DIR: holds int8 weights, which are for inference alone; want the directory that they were made of, which is called retrain and does not stand beside it"
	_, err := Load[float32](dir, LoadOptions{})
	wantError(t, err, want, dir)
	_, err = LoadTrained[float64](dir)
	wantError(t, err, want, dir)
	beside := filepath.Join(filepath.Dir(dir), "retrain")
	if err := Save(beside, small(), int8Params(small())); err != nil {
		t.Fatal(err)
	}
	_, err = LoadTrained[float32](dir + string(filepath.Separator))
	wantError(t, err, "DIR/: holds int8 weights, which are for inference alone; want the directory that they were made of, "+beside, dir)
	_, f, err := LoadFrozen(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewNet(c, f, nil, Use{Train: true}); err == nil {
		t.Error("it trains")
	}
}

// What is wrong with a quantised directory is told with the file and the tensor.
func TestLoadOfBadInt8(t *testing.T) {
	const key = "bert.encoder.layer.1.attention.self.key"
	for _, c := range []struct {
		name, old, new string // in config.json, or in the file
		change         func([]NamedTensor) []NamedTensor
		want           string
	}{
		{"another scheme", `"scheme": "int8"`, `"scheme": "int4"`, nil, `DIR/config.json: power_quantization.scheme is "int4", want "int8" or "int8-smooth"`},
		{"unknown layer", `"float32": []`, `"float32": ["classifier"]`, nil, `DIR/config.json: power_quantization.float32 has "classifier", which is no linear layer that could be quantised`},
		{"part of a product", `"float32": []`, `"float32": ["` + key + `"]`, nil, `DIR/config.json: power_quantization.float32 has ` + key + `, want all of ` +
			strings.Replace(key, "key", "query", 1) + ", " + key + ", " + strings.Replace(key, "key", "value", 1) + ` or none: they are one product`},
		{"a layer that config.json calls float", `"float32": []`, `"float32": ["bert.pooler.dense"]`, nil,
			`DIR: lacks the tensors bert.pooler.dense.weight, want a trained classifier; fine-tune it first`},
		{"no scales", "", "", func(all []NamedTensor) []NamedTensor {
			return slices.DeleteFunc(all, func(x NamedTensor) bool { return x.Name == key+".weight.scale" })
		}, `DIR/model.int8.safetensors: there is no tensor "` + key + `.weight.scale"; want all of a BERT with num_hidden_layers 2`},
		{"floats for integers", "", "", func(all []NamedTensor) []NamedTensor {
			return changed(all, key+".weight.int8", make([]float32, 36))
		}, `DIR/model.int8.safetensors: tensor "` + key + `.weight.int8" has dtype F32, want I8`},
		{"integers for scales", "", "", func(all []NamedTensor) []NamedTensor {
			return changed(all, key+".weight.scale", make([]int8, 6))
		}, `DIR/model.int8.safetensors: tensor "` + key + `.weight.scale" has dtype I8, want F32, F16, BF16 or F64`},
		{"-128", "", "", func(all []NamedTensor) []NamedTensor {
			return changed(all, key+".weight.int8", append(make([]int8, 35), -128))
		}, `DIR/model.int8.safetensors: bert.encoder.layer.1.attention.self.query to bert.encoder.layer.1.attention.self.value: weight 5 of output 11 is -128, want -127 … 127`},
		{"-128 among words", "", "", func(all []NamedTensor) []NamedTensor {
			words := "bert.embeddings.word_embeddings.weight.int8"
			i := slices.IndexFunc(all, func(x NamedTensor) bool { return x.Name == words })
			all[i].Data.([]int8)[8] = -128
			return all
		}, `DIR/model.int8.safetensors: bert.embeddings.word_embeddings: weight 2 of output 1 is -128, want -127 … 127`},
		{"words that config.json calls float", `"words": true`, `"words": false`, nil,
			`DIR/model.int8.safetensors: there is no tensor "bert.embeddings.word_embeddings.weight"; want all of a BERT with num_hidden_layers 2`},
		{"a scale of NaN", "", "", func(all []NamedTensor) []NamedTensor {
			return changed(all, key+".weight.scale", []float32{1, 1, 1, float32(math.NaN()), 1, 1})
		}, `DIR/model.int8.safetensors: tensor "` + key + `.weight.scale" holds NaN or infinity: its training diverged, or the file is damaged`},
	} {
		dir, config := t.TempDir(), int8Config(small())
		config.Quantization.Float = []string{}
		if err := SaveInt8(dir, config, int8Params(config), nil); err != nil {
			t.Fatal(err)
		}
		if c.change != nil {
			path := filepath.Join(dir, int8File)
			all, err := ReadTensors(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := WriteTensors(path, c.change(all)); err != nil {
				t.Fatal(err)
			}
		}
		text, _ := os.ReadFile(ConfigFile(dir))
		if !strings.Contains(string(text), c.old) {
			t.Fatalf("%s: config.json has no %s:\n%s", c.name, c.old, text)
		}
		if err := os.WriteFile(ConfigFile(dir), []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o666); err != nil {
			t.Fatal(err)
		}
		_, _, err := LoadFrozen(dir)
		t.Run(c.name, func(t *testing.T) { wantError(t, err, c.want, dir) })
	}
	dir := t.TempDir()
	if err := SaveInt8(dir, int8Config(small()), int8Params(small()), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, int8File)); err != nil {
		t.Fatal(err)
	}
	_, _, err := LoadFrozen(dir)
	wantError(t, err, "DIR/model.int8.safetensors: no such file or directory", dir)
}

// changed puts other data into a tensor.
func changed(all []NamedTensor, name string, data any) []NamedTensor {
	for i := range all {
		if all[i].Name == name {
			all[i].Data = data
		}
	}
	return all
}

// A text keeps the same word-vectors and has the same bits alone, among others and beside
// padding, dense and where word-vectors are removed.
func TestInt8DoesNotDependOnTheBatch(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	lengths := []int{13, 2, 7, 1, 11, 13, 5}
	for name, c := range int8Configs() {
		products, err := QuantizeProducts(int8Params(c), int8Ranges(c))
		if err != nil {
			t.Fatal(err)
		}
		w := WithInt8(int8Params(c).Freeze(), products...)
		for kind, use := range int8Uses {
			together := runOn(t, c, w, use, lengths, 0)
			padded := runOn(t, c, w, use, lengths, 15)
			for s := range lengths {
				want := runOn(t, c, w, use, lengths[s:s+1], 0, s)[0]
				for how, got := range map[string]answer{"in a batch": together[s], "beside padding": padded[s]} {
					if !slices.Equal(got.logits, want.logits) || !slices.Equal(got.kept, want.kept) {
						t.Errorf("%s, %s, text %d %s: %v with %v kept, want %v with %v", name, kind, s, how, got.logits, got.kept, want.logits, want.kept)
					}
				}
			}
		}
	}
}

// answer is what a network makes of a text: logits, and how many encoders each of its
// word-vectors passes.
type answer struct {
	logits []float32
	kept   []int
}

// runOn runs texts of these lengths, padded to padTo rows; the first is number first.
func runOn(t *testing.T, c arch.Config, w Weights[float32], use Use, lengths []int, padTo int, first ...int) (answers []answer) {
	t.Helper()
	n, err := NewNet(c, w, nil, use)
	if err != nil {
		t.Fatal(err)
	}
	for s, length := range lengths {
		if len(first) > 0 {
			s += first[0]
		}
		random := rand.New(rand.NewPCG(9, uint64(s)))
		ids := make([]int32, length)
		for i := range ids {
			ids[i] = int32(random.IntN(c.VocabSize))
		}
		n.Batch.AddSequence(ids, make([]int32, length), padTo, 0)
	}
	if err := n.Forward(); err != nil {
		t.Fatal(err)
	}
	alive := make([]int, n.Batch.Rows()) // encoders passed
	rows := make([]int32, len(alive))
	for i := range rows {
		rows[i] = int32(i)
	}
	for _, e := range n.Encoders {
		if e.Selection.Removes() {
			var on []int32
			for _, k := range e.Selection.Kept {
				on = append(on, rows[k])
			}
			rows = on
		}
		for _, r := range rows {
			alive[r]++
		}
	}
	out := len(Values[float32](n.Logits)) / len(lengths)
	for s := range lengths {
		from, _, real := n.Batch.Bounds(s)
		answers = append(answers, answer{slices.Clone(Values[float32](n.Logits)[s*out : (s+1)*out]), alive[from : from+real]})
	}
	return answers
}
