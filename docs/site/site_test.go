package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/experiments/look"
)

// repository is a small one with these files, and README's table of pages.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	all := map[string]string{"README.md": "# small\n\n## Reading on\n\n| page |\n|---|\n| [b](docs/b.md), [a](docs/a.md) |\n", "CHANGELOG.md": "# Changelog\n", "docs/a.md": "# A\n", "docs/b.md": "# B\n", "docs/pic.svg": "<svg/>"}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSite(t *testing.T) {
	out := filepath.Join(t.TempDir(), "site")
	root := repository(t, map[string]string{
		"docs/a.md": "# A page\n\n## λ, and `lr_r`: twice\n\n## Again\n\n## Again\n\n[up](../README.md) [b](b.md#on) [here](#λ-and-lr_r-twice) [second](#again-1) [code](../src/x.go) [out](https://example.org/a.md)\n\n![pic](pic.svg) ![deep](../src/deep.svg)\n\n| x | y |\n|--:|---|\n| 87.5 % | 3 times as many as there were before |\n",
		"docs/b.md": "# B\n\n## On\n", "src/x.go": "package x", "src/deep.svg": "<svg/>",
	})
	if err := run(root, out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "a.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<title>A page – powerbert</title>", `<h2 id="λ-and-lr_r-twice">`, `id="again-1"`, `<a href="index.html">up`, `<a href="b.html#on">b`,
		`<a href="https://github.com/powerbert/powerbert/blob/main/src/x.go">`, `<a href="https://example.org/a.md">`, `<img src="docs-pic.svg"`, `<img src="src-deep.svg"`,
		`<div class="wide"><table>`, `class="number" style="text-align:right">87.5 %`, `<td>3 times as many`, `<a href="a.html" aria-current="page">A page</a>`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for _, ground := range []look.Ground{look.Light, look.Dark} {
		if !strings.Contains(string(text), "--ground: "+ground.Page) {
			t.Errorf("the page does not have the ground %s of experiments/look", ground.Page)
		}
	}
	if style, _, _ := strings.Cut(string(text), "</style>"); regexp.MustCompile(`img\s*{[^}]*background`).MatchString(style) {
		t.Error("pictures, which follow a dark page, have a ground of their own")
	}
	if nav := regexp.MustCompile(`(?s)index.html.*b.html.*a.html.*changelog.html`); !nav.Match(text) {
		t.Error("the navigation is not in README's order")
	}
	for _, name := range []string{"pic.svg", "docs-pic.svg", "src-deep.svg"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestSiteRefuses(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"docs/a.md: gone.md leads nowhere":              {"docs/a.md": "# A\n\n[x](gone.md)"},
		"docs/a.md: gone.svg leads nowhere":             {"docs/a.md": "# A\n\n![x](gone.svg)"},
		"docs/a.md: docs/b.md has no heading #gone":     {"docs/a.md": "# A\n\n[x](b.md#gone)"},
		"docs/a.md: docs/a.md has no heading #gone":     {"docs/a.md": "# A\n\n[x](#gone)"},
		"README.md has no heading Reading on, whose ta": {"README.md": "# small\n"},
		"docs/c.md: no such file":                       {"README.md": "# small\n\n## Reading on\n\n[c](docs/c.md)\n"},
	} {
		if err := run(repository(t, files), filepath.Join(t.TempDir(), "site")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Within the site of this repository every link and picture leads to a file and a heading.
func TestEveryLinkLeads(t *testing.T) {
	out := filepath.Join(t.TempDir(), "site")
	if err := run("../..", out); err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(out, "*.html"))
	if err != nil || len(pages) < 15 {
		t.Fatalf("pages %q, %v", pages, err)
	}
	links := 0
	for _, path := range pages {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			to, err := url.PathUnescape(m[1])
			if err != nil {
				t.Fatal(err)
			}
			name, anchor, _ := strings.Cut(to, "#")
			target := filepath.Join(out, name)
			if name == "" {
				target = path
			}
			if to, err := os.ReadFile(target); err != nil || anchor != "" && !strings.Contains(string(to), `id="`+anchor+`"`) {
				t.Errorf("%s: %s leads nowhere: %v", filepath.Base(path), m[1], err)
			}
		}
	}
	if links < 300 {
		t.Errorf("%d links are in the pages: are they still found?", links)
	}
}
