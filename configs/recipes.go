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

// Recipe is the YAML text of a shipped recipe; not ok: there is none of this name.
func Recipe(name string) (content []byte, ok bool) {
	content, err := shipped.ReadFile(name + ".yaml")
	return content, err == nil
}

// About is the line a recipe opens with: what it is.
func About(name string) string {
	content, _ := Recipe(name)
	line, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimSpace(strings.TrimPrefix(line, "#"))
}
