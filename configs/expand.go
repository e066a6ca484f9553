package configs

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/paths"
)

// A pathValue is a key that holds a path, and its value.
type pathValue struct {
	key   string
	value *string
}

// paths are the values that hold a path.
func (e *Experiment) paths() []pathValue {
	list := []pathValue{
		{"model", &e.Model},
		{"tokenizer.vocab", &e.Tokenizer.Vocab},
		{"data.dir", &e.Data.Dir},
		{"data.train", (*string)(&e.Data.Train)},
		{"data.dev", (*string)(&e.Data.Dev)},
		{keyUnlabelled, (*string)(&e.Data.Unlabelled)},
	}
	for i := range e.Pretrain.Texts {
		list = append(list, pathValue{fmt.Sprintf("pretrain.texts[%d]", i), &e.Pretrain.Texts[i]})
	}
	return list
}

// expand replaces $VAR and ${VAR} in every path, `$$` by a dollar sign and ~ by a home. It
// returns the keys that name a variable which is not set or empty, and leaves
// their values as they are.
func (e *Experiment) expand() []Problem {
	var wrong []Problem
	for _, path := range e.paths() {
		var unset []string
		expanded := os.Expand(*path.value, func(name string) string {
			if name == "$" {
				return "$"
			}
			value := paths.Env(name)
			if value == "" && !slices.Contains(unset, name) {
				unset = append(unset, name)
			}
			return value
		})
		if len(unset) == 0 {
			*path.value = tildes(expanded)
		} else {
			whole, _, list := strings.Cut(path.key, "[")
			remedy := whole + "=PATH"
			if list {
				remedy = whole + "=[PATH]"
			}
			wrong = append(wrong, Problem{Key: path.key, Text: fmt.Sprintf(
				"%s names $%s, which is not set; export it, or use --set %s",
				path.key, strings.Join(unset, " and $"), remedy)})
		}
	}
	return wrong
}

// tildes is one path, or several, a line each, with a home in the place of ~.
func tildes(value string) string {
	lines := strings.Split(value, "\n")
	for i := range lines {
		lines[i] = paths.Tilde(lines[i])
	}
	return strings.Join(lines, "\n")
}

// escape is the inverse of expand for a path without variables.
func escape(path string) string { return strings.ReplaceAll(path, "$", "$$") }
