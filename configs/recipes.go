package configs

import (
	"embed"
	"slices"
	"strings"
)

// shipped holds the recipes: every YAML file of this folder.
//
//go:embed *.yaml
var shipped embed.FS

// Recipes names the shipped recipes, sorted.
func Recipes() []string {
	entries, _ := shipped.ReadDir(".") // an embedded folder can be read
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Recipe is the YAML text of a shipped recipe. It reports an *Error if there is
// none of this name.
func Recipe(name string) ([]byte, error) {
	content, err := shipped.ReadFile(name + ".yaml")
	if err == nil {
		return content, nil
	}
	want := "want one of " + strings.Join(Recipes(), ", ")
	if near, ok := Nearest(name, Recipes()); ok {
		want = "did you mean " + near + "?"
	}
	return nil, fail(name, "no such recipe, %s", want)
}

// About is the line a recipe opens with: what it is.
func About(name string) string {
	content, _ := Recipe(name) // no text of an unknown one
	line, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimSpace(strings.TrimPrefix(line, "#"))
}
