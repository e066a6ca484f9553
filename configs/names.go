package configs

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Names are those of files, patterns of them, or of columns, a line each. In YAML and JSON
// several are a list.
type Names string

// list is the names.
func (f Names) list() []string { return strings.Split(string(f), "\n") }

// plain is the one name, or the list.
func (f Names) plain() any {
	if list := f.list(); len(list) > 1 {
		return list
	}
	return string(f)
}

// String is the name, or several as [a b], in one line.
func (f Names) String() string { return fmt.Sprint(f.plain()) }

// MarshalYAML is a text, or a list of several.
func (f Names) MarshalYAML() (any, error) { return f.plain(), nil }

// MarshalJSON is a text, or a list of several.
func (f Names) MarshalJSON() ([]byte, error) { return json.Marshal(f.plain()) }
