package model

import (
	"bytes"
	_ "embed"
	"strconv"
	"strings"
	"text/template"

	"github.com/powerbert/powerbert/model/arch"
)

//go:embed modelling/modeling.py.tmpl
var modellingText string

var modellingTemplate = template.Must(template.New("").Parse(modellingText))

// modellingFile returns the name of the file of Python by which transformers runs a family
// with its extraction: a module's name has no hyphen.
func modellingFile(c *arch.Config) string { return modellingModule(c) + ".py" }

func modellingModule(c *arch.Config) string {
	return "modeling_" + strings.ReplaceAll(arch.PowerType(c.ModelType), "-", "_")
}

// autoMap returns what auto_map of a config.json says to transformers: which classes of the
// modelling file are for which of its own.
func autoMap(c *arch.Config) map[string]string {
	class := arch.Power + c.Architecture()
	prefix, head, _ := strings.Cut(class, "For")
	module := modellingModule(c) + "."
	return map[string]string{"AutoConfig": module + prefix + "Config", "AutoModelFor" + head: module + class}
}

// A constant is one of the modelling file: the name of a module, or of a key of config.json.
type constant struct{ Name, Value string }

// modelling returns the text of the modelling file: transformers' model of the family but
// for its encoders, whose parts it finds by the names of their tensors.
func modelling(c *arch.Config) ([]byte, error) {
	var text bytes.Buffer
	class, _, _ := strings.Cut(c.Architecture(), "For")
	err := modellingTemplate.Execute(&text, map[string]any{
		"Title": upperFirst(c.Family().Title), "Class": class, "Type": arch.PowerType(c.ModelType), "Names": modellingNames(c), "DropsAttention": dropsAttention(*c),
	})
	return text.Bytes(), err
}

// upperFirst begins a sentence.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// dropsAttention tells whether what attention adds passes dropout in the family.
func dropsAttention(c arch.Config) bool {
	c.HiddenDropoutProb = 0.5
	return c.Net().Blocks[0].Attention.OutputDropout > 0
}

// modellingNames lists the constants of a network: "" is a part that it lacks.
func modellingNames(c *arch.Config) []constant {
	n, f := c.Net(), c.Family()
	e, b := &n.Embedding, &n.Blocks[0]
	var types, mapping, relative string
	if e.Types.Rows > 0 {
		types = e.Types.Name
	}
	if e.Mapping != nil {
		mapping = e.Mapping.Name
	}
	if b.Attention.Relative != nil {
		relative = b.Attention.Relative.Table.Name
	}
	all := []constant{
		{"WORDS", e.Words.Name}, {"POSITIONS", e.Positions.Name}, {"TYPES", types}, {"EMBEDDING_NORM", e.Norm.Name}, {"MAPPING", mapping},
		{"QUERY", b.Attention.Query.Name}, {"KEY", b.Attention.Key.Name}, {"VALUE", b.Attention.Value.Name}, {"RELATIVE", relative},
		{"ATTENTION", b.Attention.Output.Name}, {"ATTENTION_NORM", b.Attention.Norm.Name},
		{"IN", b.FFN.In.Name}, {"OUT", b.FFN.Out.Name}, {"OUT_NORM", b.FFN.Norm.Name},
	}
	for i, named := range all {
		all[i].Value = moduleName(named.Value, f.Base, b.Layer)
	}
	for _, key := range [][2]string{{"HEADS", "num_attention_heads"}, {"ACTIVATION", "hidden_act"}, {"HIDDEN_RATE", "hidden_dropout_prob"}, {"ATTENTION_RATE", "attention_probs_dropout_prob"}} {
		all = append(all, constant{key[0], f.Key(key[1])})
	}
	return all
}

// moduleName returns the name in the base model of the module that a tensor or layer of
// encoder layer belongs to, from 1, with {} for the number; 0: of all encoders, or of none.
func moduleName(name, base string, layer int) string {
	name = strings.TrimSuffix(strings.TrimPrefix(name, base), ".weight")
	if layer > 0 {
		name = strings.Replace(name, "."+strconv.Itoa(layer-1)+".", ".{}.", 1)
	}
	return name
}
