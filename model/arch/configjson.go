package arch

import (
	"encoding/json"
	"fmt"
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

// MarshalJSON writes the keys of c and its Extra in alphabetical order.
func (c Config) MarshalJSON() ([]byte, error) {
	own, err := json.Marshal(plain(c))
	if err != nil {
		return nil, err
	}
	all := make(map[string]json.RawMessage)
	for k, v := range c.Extra {
		all[k] = v
	}
	if err := json.Unmarshal(own, &all); err != nil {
		return nil, err
	}
	if c.ClassifierDropoutProb != nil && c.ClassifierDropout == nil {
		delete(all, "classifier_dropout") // which is BERT's
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads config.json over the defaults of its model_type, BERT's where
// it says none. Where the file says num_labels and does not name as many, the labels
// are "LABEL_0" and so on.
func (c *Config) UnmarshalJSON(text []byte) error {
	var kind struct {
		ModelType string `json:"model_type"`
	}
	_ = json.Unmarshal(text, &kind) // an error shows below, too
	p := plain(FamilyOf(kind.ModelType).Defaults())
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	for k, v := range all {
		if keys[k] {
			continue
		}
		if p.Extra == nil {
			p.Extra = make(map[string]json.RawMessage)
		}
		p.Extra[k] = v
	}
	*c = Config(p)
	return c.countLabels()
}

// countLabels resolves num_labels, which transformers reads but does not write.
func (c *Config) countLabels() error {
	raw, ok := c.Extra["num_labels"]
	delete(c.Extra, "num_labels")
	if !ok || string(raw) == "null" {
		return nil
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil || n < 1 || n > maxLabels {
		return fmt.Errorf("num_labels is %.20s, want 1 to %d", raw, maxLabels)
	}
	if n == len(c.ID2Label) {
		return nil
	}
	names := make([]string, n)
	for i := range names {
		names[i] = "LABEL_" + strconv.Itoa(i)
	}
	c.SetLabels(names)
	return nil
}
