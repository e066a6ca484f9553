package model

import (
	"bytes"
	"embed"
	"strconv"
	"strings"
	"text/template"

	"github.com/powerbert/powerbert/model/arch"
)

//go:embed modelling
var modellingFiles embed.FS

// The modelling file, with encoders of either kind.
var (
	bertModelling   = modellingWith("bert.py.tmpl")
	modernModelling = modellingWith("modernbert.py.tmpl")
)

// modellingWith reads the template of the modelling file and, from a file beside it, the
// parts that differ between kinds of encoders.
func modellingWith(encoders string) *template.Template {
	return template.Must(template.ParseFS(modellingFiles, "modelling/modeling.py.tmpl", "modelling/"+encoders))
}

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

// modellingOf returns the template of a model's modelling file; nil: there is none, and
// transformers refuses the model where it takes word-vectors out. ModernBERT has its own, and
// all whose encoders are made of what BERT's are, and of nothing else, have one.
func modellingOf(c *arch.Config) *template.Template {
	switch {
	case c.ModelType == arch.ModernBERT:
		return modernModelling
	case likeBERT(c.Net(), c.Family()):
		return bertModelling
	}
	return nil
}

// likeBERT tells whether the modules that BERT's modelling file knows are all that a network
// has below its head, with biases wherever BERT has them.
func likeBERT(n *arch.Net, f *arch.Family) bool {
	named, biased := make(map[string]bool), make(map[string]bool)
	for _, m := range modules(n, f) {
		for j := range n.Blocks {
			named[f.Base+strings.Replace(m.Value, "{}", strconv.Itoa(j), 1)] = true
		}
	}
	for _, t := range n.Tensors() {
		module, bias := strings.CutSuffix(t.Name, ".bias")
		biased[module] = biased[module] || bias
		if !t.Head && !named[strings.TrimSuffix(module, ".weight")] {
			return false
		}
	}
	for _, b := range n.Blocks {
		a := &b.Attention
		if b.PreNorm || a.Rotary != 0 || a.Window != nil || b.FFN.Gated {
			return false
		}
		for _, module := range []string{a.Query.Name, a.Key.Name, a.Value.Name, a.Output.Name, a.Norm.Name, b.FFN.In.Name, b.FFN.Out.Name, b.FFN.Norm.Name} {
			if !biased[module] {
				return false
			}
		}
	}
	return true
}

// A constant is one of the modelling file: the name of a module, or of a key of config.json.
type constant struct{ Name, Value string }

// modelling returns the text of the modelling file: transformers' model of the family but
// for its encoders. Those like BERT's are found by the names of their tensors.
func modelling(c *arch.Config) ([]byte, error) {
	var text bytes.Buffer
	class, _, _ := strings.Cut(c.Architecture(), "For")
	about := map[string]any{"Title": upperFirst(c.Family().Title), "Class": class, "Type": arch.PowerType(c.ModelType)}
	of := modellingOf(c)
	if of == bertModelling {
		about["Names"], about["DropsAttention"] = append(modules(c.Net(), c.Family()), settings(c.Family())...), dropsAttention(*c)
	}
	err := of.Execute(&text, about)
	return text.Bytes(), err
}

// upperFirst begins a sentence.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// dropsAttention tells whether what attention adds passes dropout in the family.
func dropsAttention(c arch.Config) bool {
	c.HiddenDropoutProb = 0.5
	return c.Net().Blocks[0].Attention.OutputDropout > 0
}

// modules lists the modules of a network below its head: "" is one that it lacks.
func modules(n *arch.Net, f *arch.Family) []constant {
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
	return all
}

// settings lists the keys of a family's config.json that say how its modules are run.
func settings(f *arch.Family) (all []constant) {
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
