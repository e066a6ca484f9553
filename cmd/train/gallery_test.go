package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// flagged is a command of train with its flags, without what these are set to, and without
// where it writes or listens, which tests choose.
func flagged(line string) string {
	words := strings.Fields(line)
	var flags []string
	for _, word := range words {
		if name, _, _ := strings.Cut(word, "="); strings.HasPrefix(name, "--") && name != "--out" && name != "--addr" {
			flags = append(flags, name)
		}
	}
	slices.Sort(flags)
	return fmt.Sprint(words[0], flags)
}

// Every command of the gallery runs in the script of its case, with the flags that it has on
// the page.
func TestGalleryRuns(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "gallery.md"))
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(string(page), "\n## ")[1:]
	for i, name := range []string{"reviews", "desk", "films"} {
		script, err := os.ReadFile(filepath.Join("testdata", "script", "gallery-"+name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		var run []string
		for _, m := range regexp.MustCompile(`(?m)^(?:exits 0|train) (.+)$`).FindAllStringSubmatch(string(script), -1) {
			run = append(run, flagged(m[1]))
		}
		shown := regexp.MustCompile(`(?m)^    \$ train (.+)$`).FindAllStringSubmatch(cases[i], -1)
		if len(shown) < 5 {
			t.Errorf("%s: %d commands are on the page: are they still found?", name, len(shown))
		}
		for _, m := range shown {
			if !slices.Contains(run, flagged(m[1])) {
				t.Errorf("%s: `train %s` of the page is not in the script with these flags", name, m[1])
			}
		}
	}
}
