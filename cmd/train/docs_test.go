package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// calling finds the calls of the program in a document: in a line of their own, and
// within one between backquotes.
var calling = regexp.MustCompile("(?m)^(?:    |\\s*\\$ |\\| )?(?:bin/)?train ([^`\\n]+)$|`(?:bin/)?train ([^`\\n]+)`")

// Every command and every flag that the documents name exists.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	root := newRoot(&app{stdout: io.Discard, stderr: io.Discard})
	calls := 0
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../experiments/*/README.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil || len(pages) == 0 {
			t.Fatalf("no %s (%v)", pattern, err)
		}
		for _, page := range pages {
			if filepath.Base(page) == "CHANGELOG.md" {
				continue // which tells of names that are gone
			}
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range calling.FindAllStringSubmatch(string(text), -1) {
				calls++
				for _, fault := range unknown(root, m[1]+m[2]) {
					t.Errorf("%s: train %s: %s", filepath.Base(page), m[1]+m[2], fault)
				}
			}
		}
	}
	if calls < 50 {
		t.Errorf("%d calls are in the documents: are they still found?", calls)
	}
}

// unknown says what of a call does not exist.
func unknown(root *cobra.Command, call string) (faults []string) {
	call, _, _ = strings.Cut(call, " #")
	for _, end := range []string{" | ", " > ", " < ", " && "} {
		call, _, _ = strings.Cut(call, end)
	}
	words := strings.Fields(call)
	c, _, err := root.Find(words)
	if c == root || err != nil {
		if name := words[0]; regexp.MustCompile("^[a-z]+$").MatchString(name) && name != "help" && name != "completion" {
			return []string{"there is no command " + name}
		}
	}
	for _, word := range words {
		name, dashed := strings.CutPrefix(strings.Trim(word, ",.;()"), "--")
		name, _, _ = strings.Cut(name, "=")
		if dashed && name != "help" && name != "version" && c.Flags().Lookup(name) == nil && c.InheritedFlags().Lookup(name) == nil {
			faults = append(faults, "there is no --"+name)
		}
	}
	return faults
}
