package model

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"

	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/internal/paths"
	"github.com/powerbert/powerbert/model/arch"
)

// ReadConfig reads the config.json of a directory and checks it. Everything that is wrong
// with it is reported at once, as an *Error.
func ReadConfig(dir string) (arch.Config, error) {
	var c arch.Config
	dir = filepath.Clean(dir)
	path := ConfigFile(dir)
	if err := CheckType(dir); err != nil {
		return c, err // whatever else another kind of model has
	}
	if err := readJSON(path, &c); errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return c, cmp.Or(elsewhere(dir), err)
	} else if err != nil {
		return c, err
	}
	if err := checkType(path, c.ModelType); err != nil {
		return c, err
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
		return at(path, cmp.Or(paths.Pointer(text), explain(text, err)))
	}
	return at(path, manifest.Forgive(path, manifest.Check(path, text)))
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
