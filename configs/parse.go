package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/powerbert/powerbert/data"
)

// A place is where a value was given.
type place struct {
	source string
	line   int
	order  int // of the source
}

// A reader turns YAML into settings that fit the schema, and keeps a list of
// whatever does not fit.
type reader struct {
	places   map[string]place // of every key that was given, by YAML path
	problems []Problem
	source   string
	order    int
}

// report adds a problem of the source being read.
func (r *reader) report(line int, key, format string, args ...any) {
	r.problems = append(r.problems, Problem{
		Source: r.source, Line: line, Key: key, Text: fmt.Sprintf(format, args...), order: r.order,
	})
}

// file reads a whole YAML document; not ok: it is not even keys and values.
func (r *reader) file(source string, content []byte) (settings map[string]any, ok bool) {
	r.source = source
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, true
	case err != nil:
		r.syntax(err, string(content), ofTable(source))
		return nil, false
	}
	if root := document.Content[0]; root.Kind != yaml.MappingNode && root.Tag != "!!null" {
		is := map[yaml.Kind]string{yaml.SequenceNode: "a list", yaml.ScalarNode: "a single text"}
		r.report(root.Line, "", "the file is %s, want keys and values%s", is[root.Kind], ofTable(source))
		return nil, false
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		r.report(second.Line, "", "a second document begins here, want one experiment per file")
		return nil, false
	}
	return r.section(document.Content[0], "", reflect.TypeFor[Experiment]()), true
}

// ofTable is the remedy for a table in the place of an experiment; "": it is none by its name.
func ofTable(source string) string {
	if table := (&data.TextSource{Path: source}); table.Columned() {
		return fmt.Sprintf("; of a table `train init %s` writes an experiment", source)
	}
	return ""
}

// yamlError takes the line out of the YAML library's message.
var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// indented is a line that a tab indents.
var indented = regexp.MustCompile(`^ *\t`)

// syntax reports what the YAML library says of a content, with a remedy.
func (r *reader) syntax(err error, content, remedy string) {
	text := err.Error()
	line := 0
	if m := yamlError.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	at := max(line, 1) // the library counts from 0 and leaves that out
	if lines := strings.Split(content, "\n"); at <= len(lines) && indented.MatchString(lines[at-1]) {
		line, text = at, "a tab indents this line, want spaces"
	}
	r.report(line, "", "not YAML: %s%s", text, remedy)
}

// override reads KEY=VALUE; what it gives and what is wrong with it has no line.
func (r *reader) override(order int, assignment string) map[string]any {
	r.source, r.order = "--set "+assignment, order
	first := len(r.problems)
	var settings map[string]any
	if node := r.assignment(assignment); node != nil {
		settings = r.section(node, "", reflect.TypeFor[Experiment]())
	}
	for i := range r.problems[first:] {
		r.problems[first+i].Line = 0
	}
	for key, p := range r.places {
		if p.order == order {
			r.places[key] = place{source: p.source, order: order}
		}
	}
	return settings
}

// assignment is a.b=c as the YAML {a: {b: c}}. A value for a text key is taken
// as it stands, any other is YAML.
func (r *reader) assignment(text string) *yaml.Node {
	key, value, ok := strings.Cut(text, "=")
	if !ok {
		r.report(0, "", "no value, want --set key=value")
		return nil
	}
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	if t, known := typeOf(key); known {
		var document yaml.Node
		err := yaml.Unmarshal([]byte(value), &document)
		isText := t.Kind() == reflect.String && t != reflect.TypeFor[ClassWeights]()
		if t == namesType && err == nil && len(document.Content) > 0 && document.Content[0].Kind == yaml.SequenceNode {
			isText = false
		}
		switch given := err == nil && len(document.Content) > 0; {
		case given && document.Content[0].Tag == "!!null" && document.Content[0].Value != "":
			r.null(key, isText)
			return nil
		case isText:
		case err != nil:
			r.syntax(err, value, "")
			return nil
		case given:
			node = document.Content[0]
		}
	}
	path := strings.Split(key, ".")
	for i := len(path) - 1; i >= 0; i-- {
		name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: path[i]}
		node = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{name, node}}
	}
	return node
}

// null refuses to set a key to null: in a file it leaves the key alone, which an
// override cannot mean.
func (r *reader) null(key string, isText bool) {
	remedy := "leave it out to keep what is set"
	if isText {
		remedy += ", or write " + key + "= for no text"
	}
	r.report(0, key, "%s is null, want a value; %s", key, remedy)
}

// section reads the keys of a struct of type t at path.
func (r *reader) section(node *yaml.Node, path string, t reflect.Type) map[string]any {
	settings := map[string]any{}
	node = target(node)
	if node.Kind != yaml.MappingNode {
		if node.Tag != "!!null" {
			r.report(node.Line, path, "%s, want keys and values", got(path, node))
		}
		return settings
	}
	if path == "data" {
		node = spreadLabels(node)
	}
	types := map[string]reflect.Type{}
	for _, f := range fieldsOf(t) {
		types[f.key] = f.typ
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], target(node.Content[i+1])
		key := join(path, name.Value)
		first, twice := lines[name.Value]
		lines[name.Value] = name.Line
		switch typ, known := types[name.Value]; {
		case !known && strings.Contains(name.Value, "."):
			r.report(name.Line, key, "%s", dotted(path, name.Value, value))
		case !known:
			r.report(name.Line, key, "%s", unknown(path, name.Value, t))
		case twice:
			r.report(name.Line, key, "%s is given twice, first on line %d; keep one", key, first)
		case value.Tag == "!!null": // not given
		case typ.Kind() == reflect.Struct:
			settings[name.Value] = r.section(value, key, typ)
		default:
			r.places[key] = place{r.source, name.Line, r.order}
			if v, ok := r.value(value, key, typ); ok {
				settings[name.Value] = v
			}
		}
	}
	return settings
}

// spreadLabels is the section data with labels {word: name, ...} as two lists, labels and
// words. Labels that are a list have no words unless these are given beside.
func spreadLabels(section *yaml.Node) *yaml.Node {
	spread := *section
	spread.Content = slices.Clone(section.Content)
	var labels *yaml.Node
	for i := 0; i+1 < len(spread.Content); i += 2 {
		switch spread.Content[i].Value {
		case "labels":
			labels = spread.Content[i]
			value := target(spread.Content[i+1])
			if value.Kind == yaml.MappingNode {
				names, words := listOf(value, 1), listOf(value, 0)
				spread.Content[i+1] = names
				spread.Content = append(spread.Content, keyAt(labels, "words"), words)
				return &spread
			}
		case "words":
			return section
		}
	}
	if labels != nil {
		spread.Content = append(spread.Content, keyAt(labels, "words"), &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: labels.Line})
	}
	return &spread
}

// keyAt is a key on the line of another one.
func keyAt(at *yaml.Node, name string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: at.Line}
}

// listOf is the keys of a mapping (0) or its values (1), numbers and booleans as texts.
func listOf(mapping *yaml.Node, which int) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: mapping.Line}
	for i := which; i < len(mapping.Content); i += 2 {
		item := *target(mapping.Content[i])
		if item.Kind == yaml.ScalarNode && item.Tag != "!!null" {
			item.Tag = "!!str"
		}
		list.Content = append(list.Content, &item)
	}
	return list
}

// target follows an alias to its anchor.
func target(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}
