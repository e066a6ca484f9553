package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
)

// plain is a Config without its own JSON methods.
type plain Config

// keys are the JSON keys of Config's fields.
var keys = func() map[string]bool {
	m := make(map[string]bool)
	for f := range reflect.TypeFor[plain]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		m[name] = true
	}
	return m
}()

// MarshalJSON writes the keys of c, as its family calls them, and its Extra in alphabetical
// order. A model that takes word-vectors out has a model_type and a class of its own.
func (c Config) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(plain(c).named())
	if err != nil {
		return nil, err
	}
	own := make(map[string]json.RawMessage)
	if err := json.Unmarshal(text, &own); err != nil {
		return nil, err
	}
	if c.ClassifierDropoutProb != nil && c.ClassifierDropout == nil {
		delete(own, "classifier_dropout") // which is BERT's
	}
	all := make(map[string]json.RawMessage)
	maps.Copy(all, c.Extra)
	for k, v := range own {
		if theirs := c.Family().Key(k); theirs != "" && (theirs == k || string(v) != "null") {
			all[theirs] = v
		}
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads config.json over the defaults of its model_type, BERT's where
// it says none. Where the file says num_labels and names none, the labels are "LABEL_0"
// and so on; where it names labels, these count, as in transformers.
func (c *Config) UnmarshalJSON(text []byte) error {
	family := familyIn(text)
	p := plain(family.Defaults())
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	own, extra := family.sort(all)
	if err := family.decode(own, &p); err != nil {
		return err
	}
	if err := p.unname(); err != nil {
		return err
	}
	p.Extra = extra
	*c = Config(p)
	return c.countLabels()
}

// named is p under the names that its config.json has.
func (p plain) named() plain {
	if p.PowerRetention == nil {
		return p
	}
	p.ModelType = PowerType(p.ModelType)
	classes := make([]string, len(p.Architectures))
	for i, class := range p.Architectures {
		classes[i] = Power + class
	}
	p.Architectures = classes
	return p
}

// unname puts the names of its family in the place of those of config.json. It reports an
// error where they are of a model that takes word-vectors out and nothing says which.
// Models from before there were such names have those of their family, and what they
// take out all the same.
func (p *plain) unname() error {
	dense := DenseType(p.ModelType)
	if dense != p.ModelType && p.PowerRetention == nil {
		return fmt.Errorf("model_type is %q, of a model that takes word-vectors out, but there is no power_retention, which says how many stay", p.ModelType)
	}
	p.ModelType = dense
	for i, class := range p.Architectures {
		p.Architectures[i] = strings.TrimPrefix(class, Power)
	}
	return nil
}

// familyIn is the family of the model_type that a config.json has; an error of its text
// shows elsewhere, too.
func familyIn(text []byte) *Family {
	var kind struct {
		ModelType string `json:"model_type"`
	}
	_ = json.Unmarshal(text, &kind)
	return FamilyOf(DenseType(kind.ModelType))
}

// common are the keys that every family of transformers knows by this name, too, before
// its own.
var common = map[string]bool{"hidden_size": true, "num_hidden_layers": true, "num_attention_heads": true}

// sort divides the keys of a config.json into those of Config, under their names there,
// and the others.
func (f *Family) sort(all map[string]json.RawMessage) (own, extra map[string]json.RawMessage) {
	own = make(map[string]json.RawMessage)
	for k, v := range all {
		ours := f.ours(k)
		switch _, known := all[ours]; {
		case !keys[ours], f.Key(ours) != k && !common[k]:
			if extra == nil {
				extra = make(map[string]json.RawMessage)
			}
			extra[k] = v
		case ours == k || !common[ours] || !known:
			own[ours] = v
		}
	}
	return own, extra
}

// decode reads keys of Config. An error names the key as the family's config.json does.
func (f *Family) decode(own map[string]json.RawMessage, to *plain) error {
	text, err := json.Marshal(own)
	if err != nil {
		return err
	}
	err = json.Unmarshal(text, to)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		kind.Field = f.Key(kind.Field)
	}
	return err
}

// Key is what the family's config.json calls a key of Config; "" where it has none.
func (f *Family) Key(ours string) string {
	if theirs, ok := f.Keys[ours]; ok {
		return theirs
	}
	return ours
}

// ours is the key of Config that the family's config.json calls so.
func (f *Family) ours(theirs string) string {
	for k, v := range f.Keys {
		if v == theirs {
			return k
		}
	}
	return theirs
}

// countLabels resolves num_labels, which transformers reads but does not write: of a
// multiple choice it says nothing.
func (c *Config) countLabels() error {
	raw, ok := c.Extra["num_labels"]
	delete(c.Extra, "num_labels")
	if !ok || string(raw) == "null" || c.Problem().Chosen() {
		return nil
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil || n < 1 || n > maxLabels {
		return fmt.Errorf("num_labels is %.20s, want 1 to %d", raw, maxLabels)
	}
	if len(c.ID2Label) > 0 {
		return nil
	}
	names := make([]string, n)
	for i := range names {
		names[i] = "LABEL_" + strconv.Itoa(i)
	}
	c.SetLabels(names)
	return nil
}
