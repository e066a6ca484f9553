// Package configs turns a YAML file into an experiment: the one plain value
// that says everything about a run.
//
// The way of a key: defaults, then the preset that `compat` names, then the
// file, then each --set override, each winning over the one before. Reading is
// strict. Unknown keys, wrong types, keys given twice and impossible values
// are all reported at once, each with its YAML path, its line and the remedy.
// `$VAR` and `${VAR}` are expanded in paths only; `$$` is a dollar sign.
//
// The shipped recipes are the YAML files of this folder, embedded in the
// program under their file names without suffix.
//
// To read it: experiment.go is the schema, defaults.go what holds where nothing is said,
// validate.go what cannot be. load.go is the way of a file, with parse.go, value.go, expand.go
// and suggest.go. keys.go, keysdata.go and keysstages.go say what each key means; keytext.go
// and jsonschema.go make docs of that. draft.go writes a first experiment for a table.
package configs

//go:generate go run ../cmd/train config --write-docs ../docs
