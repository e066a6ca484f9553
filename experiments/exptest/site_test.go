package exptest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var site = flag.String("site", "", "the folder of the site of docs, to be looked at in a browser")

// TestChromiumSite looks at every page of the site (make site): it fits narrow and wide
// windows, and its pictures load.
func TestChromiumSite(t *testing.T) {
	if *site == "" {
		t.Skip("no site to look at (-site)")
	}
	program := Chromium(t, true)
	dir, err := filepath.Abs(*site)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages in %s (%v)", dir, err)
	}
	for _, path := range pages {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		page := strings.ReplaceAll(string(text), `<img src="`, `<img src="file://`+filepath.ToSlash(dir)+"/")
		for _, fault := range Look(t, program, page, strings.Count(page, "<img ")) {
			if !strings.Contains(fault, "says nothing: <td") { // a cell of a document may
				t.Errorf("%s: %s", filepath.Base(path), fault)
			}
		}
	}
}
