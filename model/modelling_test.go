package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// The modules that the modelling file names are those of the family's tensors, in every
// encoder.
func TestModellingNamesEveryTensor(t *testing.T) {
	for _, modelType := range arch.Types() {
		f := arch.FamilyOf(modelType)
		c := f.Defaults()
		c.NumHiddenLayers = 12
		c.SetProblem(problem.Classification, []string{"a", "b"})
		named := map[string]bool{}
		for _, n := range modellingNames(&c) {
			for j := range c.NumHiddenLayers {
				named[f.Base+strings.Replace(n.Value, "{}", strconv.Itoa(j), 1)] = true
			}
		}
		for _, tensor := range c.Net().Tensors() {
			name := strings.TrimSuffix(strings.TrimSuffix(tensor.Name, ".weight"), ".bias")
			if !tensor.Head && !named[name] {
				t.Errorf("%s: nothing names the module of %s", modelType, tensor.Name)
			}
		}
		if text, err := modelling(&c); err != nil || strings.Contains(string(text), "<no value>") || strings.Contains(string(text), "{{") {
			t.Errorf("%s: %v\n%.2000s", modelType, err, text)
		}
	}
}

// A directory says where the code is that runs it, for its own problem alone; a dense one
// has none, nor says so where it was made of one that had.
func TestSavedDirectoryNamesItsCode(t *testing.T) {
	dir, c := t.TempDir(), small()
	c.SetProblem(problem.MultipleChoice, []string{"a", "b", "c"})
	c.PowerRetention = &retention.Configuration{MaxLength: 9, Ranks: "absolute", Keep: []int{7, 2}}
	if err := Save(dir, c, NewParams[float32](c)); err != nil {
		t.Fatal(err)
	}
	var said struct {
		AutoMap map[string]string `json:"auto_map"`
	}
	read := func() {
		said.AutoMap = nil
		text, err := os.ReadFile(filepath.Join(dir, "config.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &said); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if said.AutoMap["AutoConfig"] != "modeling_power_bert.PowerBertConfig" || len(said.AutoMap) != 2 ||
		said.AutoMap["AutoModelForMultipleChoice"] != "modeling_power_bert.PowerBertForMultipleChoice" {
		t.Errorf("auto_map is %v", said.AutoMap)
	}
	if TypeOf(dir) != arch.BERT || CheckType(dir) != nil {
		t.Errorf("the directory's family is %q, %v", TypeOf(dir), CheckType(dir))
	}
	text, err := os.ReadFile(filepath.Join(dir, "modeling_power_bert.py"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for _, want := range []string{`    model_type = "power-bert"`, "class PowerBertConfig(BertConfig):", "class PowerBertForMultipleChoice(BertForMultipleChoice):",
		`QUERY = "encoder.layer.{}.attention.self.query"`, `HIDDEN_RATE = "hidden_dropout_prob"`} {
		if !slices.Contains(lines, want) {
			t.Errorf("the modelling file lacks the line %q", want)
		}
	}
	l, err := Load[float32](dir, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l.Config.PowerRetention = nil
	dir = t.TempDir()
	if err := Save(dir, l.Config, l.Params); err != nil {
		t.Fatal(err)
	}
	if read(); said.AutoMap != nil || TypeOf(dir) != arch.BERT {
		t.Errorf("dense, auto_map is %v, model_type %s", said.AutoMap, TypeOf(dir))
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 3 {
		t.Errorf("the dense directory holds %v, want config.json, model.safetensors and the manifest", entries)
	}
}
