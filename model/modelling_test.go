package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// There is a modelling file for every family, which names the modules of the tensors in
// every encoder that is like BERT's.
func TestFamiliesAreModelled(t *testing.T) {
	for _, modelType := range []string{arch.BERT, arch.ALBERT, arch.RoBERTa, arch.CamemBERT, arch.XLMRoBERTa, arch.DistilBERT, arch.ELECTRA, arch.MPNet, arch.ModernBERT} {
		c := arch.FamilyOf(modelType).Defaults()
		c.NumHiddenLayers = 12
		c.SetProblem(problem.Classification, []string{"a", "b"})
		if modellingOf(&c) == nil {
			t.Fatalf("%s: there is no modelling file", modelType)
		}
		text, err := modelling(&c)
		if err != nil || strings.Contains(string(text), "<no value>") || strings.Contains(string(text), "{{") {
			t.Errorf("%s: %v\n%.2000s", modelType, err, text)
		}
		if like := strings.Contains(string(text), "\nQUERY = "); like == (modelType == arch.ModernBERT) {
			t.Errorf("%s: that its encoders are run as BERT's is %v", modelType, like)
		}
	}
}

// Encoders that are made of something else than BERT's are not run as if they were BERT's.
func TestOtherEncodersAreNotModelled(t *testing.T) {
	c, f := small(), arch.FamilyOf(arch.BERT)
	for name, change := range map[string]func(n *arch.Net){
		"LayerNorms before their halves": func(n *arch.Net) { n.Blocks[1].PreNorm = true },
		"no bias":                        func(n *arch.Net) { n.Blocks[1].FFN.Out.NoBias = true },
		"a gate":                         func(n *arch.Net) { n.Blocks[1].FFN.Gated = true },
		"an encoder of other names":      func(n *arch.Net) { n.Blocks[1].FFN.In.Name = "bert.encoder.layer.1.ffn" },
		"a LayerNorm that is shared": func(n *arch.Net) {
			n.Blocks[0].FFN.Norm.Name, n.Blocks[1].FFN.Norm.Name = "bert.norm", "bert.norm"
			n.Blocks[1].Attention.Norm.Name = "bert.another"
		},
	} {
		n := c.Net()
		if !likeBERT(n, f) {
			t.Fatal("BERT is not like BERT")
		}
		if change(n); likeBERT(n, f) {
			t.Errorf("%s: it is taken for BERT's", name)
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
