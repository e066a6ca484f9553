// Site makes a static site of README, CHANGELOG and the pages of docs: no script, no file from
// elsewhere, light or dark as the reader has it.
//
//	go run -C docs/site . -root ../.. -out ../../site
//
// README is the entry, and its table of pages, in its order, is the navigation. Links between
// pages stay within the site, those to other files of the repository lead to GitHub; what leads
// nowhere is an error. Headings have GitHub's anchors.
package main

import (
	"bytes"
	_ "embed" // of the template
	"errors"
	"flag"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/powerbert/powerbert/experiments/look"
)

func main() {
	root := flag.String("root", ".", "the repository")
	out := flag.String("out", "site", "the folder for the pages, made anew")
	flag.Parse()
	if err := run(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// elsewhere is where files of the repository are that are no pages.
const elsewhere = "https://github.com/powerbert/powerbert/blob/main/"

//go:embed page.html
var layout string

// A page is a document of the repository, and what becomes of it.
type page struct {
	Source string // the path in the repository
	File   string // the name in the site
	Title  string // the first heading
	Body   template.HTML
	Here   bool // it is the page at hand, of a navigation

	text    []byte
	anchors map[string]bool
}

// A site is the pages by their sources, in the order of the navigation.
type site struct {
	root   string
	pages  []*page
	jumps  []jump // to headings, which are known once all pages are
	faults []error

	pictures map[string][]byte // by their names in the site
}

// run makes the site of a repository in a folder.
func run(root, out string) error {
	s := &site{root: root, pictures: map[string][]byte{}}
	if err := s.collect(); err != nil {
		return err
	}
	for _, p := range s.pages {
		if err := s.render(p); err != nil {
			return err
		}
	}
	s.checkAnchors()
	if err := errors.Join(s.faults...); err != nil {
		return err
	}
	return s.write(out)
}

// document finds the pages that README names.
var document = regexp.MustCompile(`\]\((docs/[^)#\s]+\.md)\)`)

// collect reads README, the pages of docs in the order in which it names them, and CHANGELOG.
func (s *site) collect() error {
	readme, err := os.ReadFile(filepath.Join(s.root, "README.md"))
	if err != nil {
		return err
	}
	_, table, found := bytes.Cut(readme, []byte("\n## Reading on"))
	if !found {
		return errors.New("README.md has no heading Reading on, whose table is the navigation")
	}
	sources := []string{"README.md"}
	for _, m := range document.FindAllSubmatch(table, -1) {
		sources = append(sources, string(m[1]))
	}
	for _, source := range append(sources, "CHANGELOG.md") {
		text, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(source)))
		if err != nil {
			return err
		}
		heading, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
		s.pages = append(s.pages, &page{Source: source, File: fileOf(source), Title: heading, text: text})
	}
	return nil
}

// fileOf is the name of a page in the site, which has no folders.
func fileOf(source string) string {
	if source == "README.md" {
		return "index.html"
	}
	return strings.ToLower(strings.TrimSuffix(path.Base(source), ".md")) + ".html"
}

// write puts every page, and the pictures and files of docs, into a folder.
func (s *site) write(out string) error {
	if err := errors.Join(os.RemoveAll(out), os.MkdirAll(out, 0o777)); err != nil {
		return err
	}
	t, err := template.New("page").Parse(layout)
	if err != nil {
		return err
	}
	for i, p := range s.pages {
		var b bytes.Buffer
		navigation := make([]page, len(s.pages))
		for j, other := range s.pages {
			navigation[j] = page{File: other.File, Title: other.Title, Here: i == j}
		}
		if err := t.Execute(&b, map[string]any{"Look": template.CSS(look.Variables()), "Page": p, "Pages": navigation}); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, p.File), b.Bytes(), 0o666); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %d pages\n", out, len(s.pages))
	return s.copyFiles(out)
}

// copyFiles takes along the pictures, and what lies beside the pages of docs.
func (s *site) copyFiles(out string) error {
	for name, data := range s.pictures {
		if err := os.WriteFile(filepath.Join(out, name), data, 0o666); err != nil {
			return err
		}
	}
	docs := filepath.Join(s.root, "docs")
	entries, err := os.ReadDir(docs)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) == ".md" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(docs, e.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, e.Name()), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}
