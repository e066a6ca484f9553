package arch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/problem"
)

// A Family is a kind of model as transformers has it: one row of the table.
type Family struct {
	Type     string                        // model_type
	Title    string                        // for people, with its article
	Base     string                        // what the names of all tensors but the head's begin with, save in a bare model's checkpoint
	Heads    map[problem.Kind]string       // the class of transformers, in architectures, for each problem that it can be for
	Keys     map[string]string             // what config.json calls the keys of Config otherwise; "": there is none, and what Defaults has is so
	Defaults func() Config                 // what transformers has where config.json says nothing
	Pad      func(c *Config) int           // the id that positions do not count, behind which they begin; nil: they begin at 0
	Net      func(c *Config) (*Net, error) // the network of a configuration whose sizes are right; an error says which keys make none
	// Pick sets the keys of to that say something of single encoders: its encoder j (0-based)
	// becomes what c's encoder from(j) is. nil: the family has no such keys.
	Pick func(to, c *Config, from func(j int) int)
}

// families is the table, in the order in which people are told of it.
var families []*Family

// Register adds a family to the table, before anything asks for it.
func Register(f *Family) { families = append(families, f) }

// Types are the families' model_types.
func Types() (all []string) {
	for _, f := range families {
		all = append(all, f.Type)
	}
	return all
}

// CheckType is an error, which names those that there are, where no family has a
// model_type.
func CheckType(modelType string) error {
	if all := Types(); !slices.Contains(all, modelType) {
		return fmt.Errorf("model_type is %q, want %s", modelType, oneOf(all))
	}
	return nil
}

// FamilyOf is the family of a model_type, BERT where none has it.
func FamilyOf(modelType string) *Family {
	at := max(slices.Index(Types(), modelType), 0)
	return families[at]
}

// Family is that of ModelType, BERT where none has it.
func (c *Config) Family() *Family { return FamilyOf(c.ModelType) }

// Maps tells whether the embedding has a width of its own, embedding_size, and is
// mapped to the encoders'.
func (f *Family) Maps() bool { return f.Defaults().EmbeddingSize > 0 }

// Positioned tells whether the embedding has a table of positions.
func (f *Family) Positioned() bool {
	c := f.Defaults()
	return c.Net().Embedding.Positions.Rows > 0
}

// pad is the id that positions do not count; nil: they begin at 0.
func (f *Family) pad(c *Config) *int32 {
	if f.Pad == nil {
		return nil
	}
	id := int32(max(-1, min(f.Pad(c), maxSize)))
	return &id
}

// Picked is c with so many encoders, of which encoder j (0-based) is like c's encoder from(j).
func (c *Config) Picked(layers int, from func(j int) int) Config {
	to := c.Clone()
	to.NumHiddenLayers = layers
	if pick := c.Family().Pick; pick != nil {
		pick(&to, c, from)
	}
	return to
}

// Net is the network of c, which must be valid.
func (c *Config) Net() *Net {
	n, _ := c.Family().Net(c)
	return n
}

// oneOf lists words for a message: "a", "b" or "c".
func oneOf(words []string) string {
	var quoted []string
	for _, w := range words {
		quoted = append(quoted, fmt.Sprintf("%q", w))
	}
	last := len(quoted) - 1
	if last < 1 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
