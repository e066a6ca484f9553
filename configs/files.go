package configs

import (
	"encoding/json"
	"strings"
)

// Files are names of files, or patterns of them, a line each. In YAML and JSON several are
// a list.
type Files string

// list is the names.
func (f Files) list() []string { return strings.Split(string(f), "\n") }

// plain is the one name, or the list.
func (f Files) plain() any {
	if list := f.list(); len(list) > 1 {
		return list
	}
	return string(f)
}

// MarshalYAML is a text, or a list of several.
func (f Files) MarshalYAML() (any, error) { return f.plain(), nil }

// MarshalJSON is a text, or a list of several.
func (f Files) MarshalJSON() ([]byte, error) { return json.Marshal(f.plain()) }
