package configs

import (
	"bytes"
	"encoding/json"
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

// Every number has a range, and what a key allows ends where it says.
func TestRanges(t *testing.T) {
	for _, k := range allKeys() {
		if !k.allowed.low.set && slices.Contains([]string{"number", "whole number"}, k.Type) {
			t.Errorf("%s is a number without a range", k.Path)
		}
	}
	words := oneOf("", "mean", "max").orAfter("f1@")
	for _, test := range []struct {
		allowed
		value any
		want  string
	}{
		{from(2), 2, ""}, {from(2), 1, "2 or more"}, {from(2), unheardOf - 1, ""}, {from(2), unheardOf, "less than 1073741824"},
		{anySeed, math.MaxInt, ""}, {anySeed, 0, ""}, {anySeed, -1, "0 or more"},
		{from(0).upTo(7), 7, ""}, {from(0).upTo(7), 8, "0 to 7"}, {from(0).upTo(7), -1, "0 to 7"}, {from(0).upTo(1 << 40), 1 << 35, ""},
		{above(0), 1e-9, ""}, {above(0), 0.0, "more than 0"}, {above(0), math.NaN(), "more than 0"}, {above(0), math.Inf(1), "a finite number"},
		{from(0).below(0.5), 0.49, ""}, {from(0).below(0.5), 0.5, "0 or more and less than 0.5"}, {from(0).below(0.5), -0.1, "0 or more and less than 0.5"},
		{above(0).upTo(1), 1.0, ""}, {above(0).upTo(1), 1.1, "more than 0 and at most 1"}, {above(0).upTo(1), 0.0, "more than 0 and at most 1"},
		{words, "", ""}, {words, "max", ""}, {words, "f1@yes", ""}, {words, "maxx", "one of mean, max; did you mean max?"}, {words, "sum of all", "one of mean, max"},
		{oneOf("a", "b"), "", "one of a, b"},
		{allowed{}, "anything", ""}, {allowed{}, true, ""}, {above(0), Auto, ""}, {from(0), NoPoints, ""},
	} {
		if got := test.wants(reflect.ValueOf(test.value)); got != test.want {
			t.Errorf("%v in %v: wants %q, want %q", test.value, test.allowed, got, test.want)
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
	if err := json.Unmarshal(jsonSchema(), &schema); err != nil {
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
