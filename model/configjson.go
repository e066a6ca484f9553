package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
// it says none. Where the file says
// num_labels and does not name as many, the labels are "LABEL_0" and so on.
func (c *Config) UnmarshalJSON(text []byte) error {
	var kind struct {
		ModelType string `json:"model_type"`
	}
	_ = json.Unmarshal(text, &kind) // an error shows below, too
	p := plain((&Config{ModelType: kind.ModelType}).Family().defaults())
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

// ReadConfig reads a config.json and checks it. Everything that is wrong with it
// is reported at once, as an *Error.
func ReadConfig(path string) (Config, error) {
	var c Config
	if err := readJSON(path, &c); err != nil {
		return c, err
	}
	if families[c.ModelType] == nil {
		return c, errorf(path, "model_type is %q, want \"bert\" or \"albert\"; other kinds of model are not supported", c.ModelType)
	}
	return c, at(path, c.Validate())
}

// maxJSON is the most bytes of a JSON file of a model directory.
const maxJSON = 1 << 26

// readJSON reads a file into v. All its errors are *Error.
func readJSON(path string, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return at(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxJSON+1))
	if err != nil {
		return at(path, err)
	}
	if len(text) > maxJSON {
		return errorf(path, "has more than %d bytes, too many for JSON of a model", maxJSON)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return at(path, explain(text, err))
	}
	return nil
}

// explain says what is wrong with text without the names of Go.
func explain(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		return fmt.Errorf("is not valid JSON: line %d: %w", line, err)
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%s is %s, want %s", kind.Field, jsonValue(kind.Value), jsonKind(kind.Type))
	case errors.As(err, &kind):
		return fmt.Errorf("is %s, want an object", jsonValue(kind.Value))
	}
	return err
}

// jsonValue puts what an UnmarshalTypeError calls a value into words.
func jsonValue(value string) string {
	if number, ok := strings.CutPrefix(value, "number "); ok {
		return number
	}
	switch value {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	}
	return "a " + value
}

// jsonKind names what a Go type is in JSON.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
