package configs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Every key of the schema has one entry, and every entry a key.
func TestEntriesAreTheSchemas(t *testing.T) {
	used := map[string]bool{}
	for _, key := range Keys() {
		var of []string
		for _, e := range entries() {
			if e.of(key) {
				of = append(of, e.key)
				used[e.key] = true
			}
		}
		if len(of) != 1 {
			t.Errorf("%s has the entries %v, want one", key, of)
		}
	}
	for _, e := range entries() {
		if !used[e.key] {
			t.Errorf("the entry %s has no key in the schema", e.key)
		}
		if !strings.HasSuffix(e.meaning, ".") || e.change != "" && !strings.HasSuffix(e.change, ".") {
			t.Errorf("%s: want whole sentences", e.key)
		}
	}
	var described []string
	for _, section := range sections[1:] {
		described = append(described, section[0])
	}
	var there []string
	for _, f := range fieldsOf(reflect.TypeFor[Experiment]()) {
		if f.typ.Kind() == reflect.Struct {
			there = append(there, f.key)
		}
	}
	if !slices.Equal(described, there) {
		t.Errorf("the sections %v are described, want %v", described, there)
	}
}

// refused tells whether an experiment with key: value is refused for the key's sake.
func refused(t *testing.T, key, value string) bool {
	t.Helper()
	task := "demo"
	if key == "data.metric" { // of which the demo takes only some
		task = "table"
	}
	_, err := Load("demo", []string{"data.task=" + task, "pretrain.texts=[x]", "pretrain.stack=[2]", "data.window.join=mean", key + "=" + value})
	var wrong *Error
	if err != nil && !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	return wrong != nil && slices.ContainsFunc(wrong.Problems, func(p Problem) bool { return strings.HasPrefix(p.Text, key+" is ") })
}

// dynamic are keys whose true bounds follow from other keys.
var dynamic = map[string]bool{"encoder.positions": true, "encoder.heads": true, "encoder.embedding": true}

// The range that is told of a key is the one that is checked: its ends, and what lies just
// beyond them.
func TestRangesAreThoseThatAreChecked(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, k := range Described() {
		step := 1.0
		if strings.HasPrefix(k.Type, "number") {
			step = 1e-6
		}
		for _, end := range []struct {
			bound
			out float64
		}{{k.allowed.low, -step}, {k.allowed.high, step}} {
			if !end.set || dynamic[k.Path] {
				continue
			}
			for at, want := range map[float64]bool{end.at: end.open, end.at + end.out: true, end.at - end.out: false} {
				if got := refused(t, k.Path, fmt.Sprintf("%.7f", at)); step < 1 && got != want {
					t.Errorf("%s=%.7f is refused: %v, want %v, since it is to be %s", k.Path, at, got, want, k.Range)
				}
				if got := refused(t, k.Path, fmt.Sprintf("%.0f", at)); step == 1 && got != want {
					t.Errorf("%s=%.0f is refused: %v, want %v, since it is to be %s", k.Path, at, got, want, k.Range)
				}
			}
		}
		if k.allowed.low.set == false && slices.Contains([]string{"number", "whole number"}, k.Type) {
			t.Errorf("%s is a number without a range", k.Path)
		}
	}
}

func TestWordsAreThoseThatAreChecked(t *testing.T) {
	for _, k := range Described() {
		if len(k.allowed.words) == 0 {
			continue
		}
		for _, word := range k.allowed.words {
			if refused(t, k.Path, word) {
				t.Errorf("%s: %q is refused, want one of %s", k.Path, word, k.Range)
			}
		}
		if !refused(t, k.Path, "nonsense") {
			t.Errorf("%s: nonsense is not refused, want one of %s", k.Path, k.Range)
		}
	}
}

func TestExplain(t *testing.T) {
	if _, err := Explain("min_steps"); err == nil || err.Error() != "unknown key min_steps, did you mean pretrain.min_steps or finetune.min_steps or search.min_steps or retrain.min_steps or distil.min_steps?" {
		t.Error(err)
	}
	list, err := Explain("search.ranks")
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	k := list[0]
	if k.Type != "text" || k.Default != "relative" || k.Range != "relative, absolute" || k.Presets["paper"] != "absolute" || k.Presets["ibm"] != "absolute" || k.Source != "absolute" {
		t.Errorf("%+v", k)
	}
	if rate, _ := Explain("search.lr_r"); rate[0].Type != "number or auto" || rate[0].Default != "auto" || rate[0].Range != "more than 0" || rate[0].Presets["paper"] != "0.0005" {
		t.Errorf("%+v", rate)
	}
	if section, _ := Explain("data.demo"); len(section) != 2 || section[1].Path != "data.demo.dev" {
		t.Errorf("%+v", section)
	}
	if all, _ := Explain(""); len(all) != len(Keys()) {
		t.Errorf("%d keys, want %d", len(all), len(Keys()))
	}
	for key, want := range map[string]string{
		"search.lamda": "unknown key search.lamda, did you mean search.lambda?",
		"lambda":       "unknown key lambda, did you mean search.lambda?",
		"a.b":          "unknown key a.b, want one of name",
	} {
		if _, err := Explain(key); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", key, err, want)
		}
	}
}

func TestDocsAreWritten(t *testing.T) {
	for name, want := range Docs() {
		got, err := os.ReadFile(filepath.Join("../docs", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/%s is not what the schema says (%v); run `go generate ./configs`", name, err)
		}
	}
}

// valid reports where a value breaks the schema: a reader of the keywords that JSONSchema
// writes, by their definition in draft 2020-12.
func valid(schema map[string]any, value any, at string) (wrong []string) {
	add := func(keyword string) { wrong = append(wrong, at+": "+keyword) }
	number, isNumber := value.(float64)
	kinds := map[string]bool{}
	switch v := value.(type) {
	case map[string]any:
		kinds["object"] = true
		members, _ := schema["properties"].(map[string]any)
		others, _ := schema["additionalProperties"].(map[string]any)
		for name, inner := range v {
			if member, ok := members[name].(map[string]any); ok {
				wrong = append(wrong, valid(member, inner, at+"."+name)...)
			} else if others != nil {
				wrong = append(wrong, valid(others, inner, at+"."+name)...)
			} else if schema["additionalProperties"] == false {
				add("additionalProperties: " + name)
			}
		}
	case []any:
		kinds["array"] = true
		for _, item := range v {
			wrong = append(wrong, valid(schema["items"].(map[string]any), item, at)...)
		}
	case string:
		kinds["string"] = true
	case bool:
		kinds["boolean"] = true
	case float64:
		kinds["number"], kinds["integer"] = true, v == math.Trunc(v)
	}
	if kind, ok := schema["type"].(string); ok && !kinds[kind] {
		add("type")
	}
	for keyword, broken := range map[string]func(limit float64) bool{
		"minimum": func(l float64) bool { return number < l }, "exclusiveMinimum": func(l float64) bool { return number <= l },
		"maximum": func(l float64) bool { return number > l }, "exclusiveMaximum": func(l float64) bool { return number >= l },
	} {
		if limit, ok := schema[keyword].(float64); ok && isNumber && broken(limit) {
			add(keyword)
		}
	}
	if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, value) {
		add("enum")
	}
	if word, ok := schema["const"]; ok && word != value {
		add("const")
	}
	if ways, ok := schema["anyOf"].([]any); ok && !slices.ContainsFunc(ways, func(way any) bool { return len(valid(way.(map[string]any), value, at)) == 0 }) {
		add("anyOf")
	}
	return wrong
}

// held is what the schema says of a YAML text.
func held(t *testing.T, text []byte) []string {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal(JSONSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	var value, plain any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(asJSON, &plain); err != nil {
		t.Fatal(err)
	}
	return valid(schema, plain, "")
}

// The recipes and what they come to are right by the JSON Schema, and slips are not.
func TestJSONSchema(t *testing.T) {
	for _, name := range Recipes() {
		text, _ := Recipe(name)
		if wrong := held(t, text); len(wrong) > 0 {
			t.Errorf("recipe %s: %v", name, wrong)
		}
	}
	e, err := Load("demo", nil)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := held(t, e.YAML()); len(wrong) > 0 {
		t.Errorf("the resolved demo: %v", wrong)
	}
	if wrong := held(t, []byte("finetune: {class_weights: {a: 0.5, b: 2}}")); len(wrong) > 0 {
		t.Errorf("weights: %v", wrong)
	}
	for text, want := range map[string]string{
		"search: {lamda: 1}":                ".search: additionalProperties: lamda",
		"search: {lambda: -1}":              ".search.lambda: minimum",
		"finetune: {lr: 0}":                 ".finetune.lr: exclusiveMinimum",
		"finetune: {epochs: 1.5}":           ".finetune.epochs: type",
		"finetune: {warmup: 1}":             ".finetune.warmup: exclusiveMaximum",
		"search: {lr_r: fast}":              ".search.lr_r: anyOf",
		"search: {ranks: other}":            ".search.ranks: enum",
		"finetune: {class_weights: {a: 0}}": ".finetune.class_weights: anyOf",
		"data: {text: [1]}":                 ".data.text: type",
		"data: {pad: 1}":                    ".data.pad: type",
		"retrain: {distil: true}":           ".retrain.distil: type",
		"distil: {pkd: {alpha: 2}}":         ".distil.pkd.alpha: maximum",
	} {
		if wrong := held(t, []byte(text)); !slices.Contains(wrong, want) {
			t.Errorf("%s: %v, want %s", text, wrong, want)
		}
	}
}
