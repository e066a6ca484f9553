package configs

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAML writes the experiment with every key, in the order of the schema. Load
// reads it back to the same value on any machine.
func (e *Experiment) YAML() []byte {
	escaped := *e
	escaped.Pretrain.Texts = slices.Clone(e.Pretrain.Texts)
	for _, path := range escaped.paths() {
		*path.value = escape(*path.value)
	}
	var buffer bytes.Buffer
	encoder := yaml.NewEncoder(&buffer)
	encoder.SetIndent(2)
	_ = encoder.Encode(nodeOf("", reflect.ValueOf(escaped), e.Model != "")) // memory and plain values only
	return buffer.Bytes()
}

// nodeOf is a struct's section at path; without the sizes of an encoder that
// model shapes.
func nodeOf(path string, v reflect.Value, shaped bool) *yaml.Node {
	section := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fieldsOf(v.Type()) {
		key, value := join(path, f.key), v.FieldByIndex(f.index)
		if shaped && slices.Contains(encoderKeys, key) {
			continue
		}
		node := &yaml.Node{}
		if value.Kind() == reflect.Struct {
			node = nodeOf(key, value, shaped)
		} else {
			_ = node.Encode(value.Interface())
		}
		if value.Kind() == reflect.Slice {
			node.Style = yaml.FlowStyle
		}
		name := &yaml.Node{Kind: yaml.ScalarNode, Value: f.key}
		section.Content = append(section.Content, name, node)
	}
	return section
}

// Map is the experiment as nested maps, for JSON.
func (e *Experiment) Map() map[string]any {
	return mapOf(reflect.ValueOf(*e))
}

func mapOf(v reflect.Value) map[string]any {
	m := map[string]any{}
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		switch {
		case value.Kind() == reflect.Struct:
			m[f.key] = mapOf(value)
		case value.Kind() == reflect.Slice && value.IsNil():
			m[f.key] = []string{} // no list is an empty one, not null
		default:
			m[f.key] = value.Interface()
		}
	}
	return m
}

// A Difference is a key that two experiments do not agree on.
type Difference struct {
	Key      string
	Was, Now any
}

// String is `key: was → now`.
func (d Difference) String() string { return fmt.Sprintf("%s: %v → %v", d.Key, d.Was, d.Now) }

// places are the keys that say where something is. What is there decides what a stage
// computes, so they have a say in it.
var places = []string{"model", "tokenizer.vocab", "data.dir", "data.train", "data.dev", keyUnlabelled, "pretrain.texts"}

// Place tells whether the key only says where something is, which may have moved.
func (d Difference) Place() bool { return slices.Contains(places, d.Key) }

// keyUnlabelled is the key of texts without labels.
const keyUnlabelled = "data.unlabelled"

// LearnsUnlabelled tells whether a stage learns from texts without labels, if there are any:
// stage 3 and students do, which have a teacher.
func LearnsUnlabelled(stage string) bool {
	_, _, student := ParseStudent(stage)
	return student || stage == StageRetrain
}

// goals are the keys that say what to search for: which of what was found stage 3 takes.
// The paper's search is the same whatever they say.
var goals = []string{"search.target", "search.max_drop", "search.candidates", "search.latency.ms", "search.latency.batch", "search.latency.length"}

// counted are the keys of the search that say what a list keeps and costs, searched or not.
var counted = []string{"search.ranks", "search.pad_queries_vote", "search.subtract_diagonal"}

// AffectsLists reports whether the key has a say in what candidates for a price keep and
// cost where nothing is searched.
func (d Difference) AffectsLists() bool { return slices.Contains(counted, d.Key) }

// Affects reports whether the key has a say in what a stage computes. A stage
// also depends on the stages before it. What something is called, how often
// something is written and what is made of the stages does not count.
func (d Difference) Affects(stage string) bool {
	order := Stages()
	section, _, _ := strings.Cut(d.Key, ".")
	if section == StagePretrain || stage == StagePretrain && slices.Contains(order, section) {
		return section == stage
	}
	method, _, student := ParseStudent(stage)
	if section == SectionStudents {
		inner, _, _ := strings.Cut(strings.TrimPrefix(d.Key, SectionStudents+"."), ".")
		return student && (inner == method || inner != MethodDistilBERT && inner != MethodPKD)
	}
	if student && slices.Contains(order, section) {
		return section == StageFinetune
	}
	if d.Key == keyUnlabelled {
		return LearnsUnlabelled(stage)
	}
	if slices.Contains(goals, d.Key) {
		return stage == StageRetrain
	}
	if i := slices.Index(order, section); i >= 0 {
		return i <= slices.Index(order, stage)
	}
	silent := []string{"name", "compat", "quantize", "log_every", "tensorboard", "checkpoint_every", "data.strict"}
	return section != "card" && !slices.Contains(silent, d.Key)
}

// Diff lists the keys on which two experiments differ, in the order of the schema.
func Diff(was, now *Experiment) []Difference {
	var list []Difference
	after := leaves(now)
	for i, before := range leaves(was) {
		a, b := before.value.Interface(), after[i].value.Interface()
		if fmt.Sprintf("%q", a) != fmt.Sprintf("%q", b) { // as text, for an empty list is a nil one
			list = append(list, Difference{before.key, a, b})
		}
	}
	return list
}
