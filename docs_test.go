package powerbert

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// pages are the documents that people read.
func pages(t *testing.T) (list []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "experiments/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no %s (%v)", pattern, err)
		}
		list = append(list, found...)
	}
	return list
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	unsaid  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// Links lead to files that are there, and to headings in them.
func TestLinksLead(t *testing.T) {
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
			} else if anchor != "" && !anchors(read(t, target))[anchor] {
				t.Errorf("%s: %s has no heading %s", page, target, anchor)
			}
		}
	}
}

// anchors are those of a page's headings, as GitHub makes them.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(page, -1) {
		found[strings.ReplaceAll(unsaid.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return found
}

// README is short, and names every page of docs.
func TestReadmeIsAnEntry(t *testing.T) {
	readme := read(t, "README.md")
	if len(readme) > 9000 {
		t.Errorf("README has %d bytes, want 9000 at most: the rest goes to docs", len(readme))
	}
	docs, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range docs {
		if !strings.Contains(readme, "("+page+")") {
			t.Errorf("README does not lead to %s", page)
		}
	}
}

// Beside an equation stands the function that computes it.
func TestEquationsLeadToCode(t *testing.T) {
	named := regexp.MustCompile("\\]\\(\\.\\./([^)]+\\.go)\\), `(\\w+)`").FindAllStringSubmatch(read(t, "docs/method.md"), -1)
	if len(named) < 10 {
		t.Errorf("%d functions are named: are they still found?", len(named))
	}
	for _, m := range named {
		if !regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + m[2] + `[\[(]`).MatchString(read(t, m[1])) {
			t.Errorf("%s has no function %s", m[1], m[2])
		}
	}
}

// The page of the experiments leads to every folder of them.
func TestExperimentsAreListed(t *testing.T) {
	folders, err := filepath.Glob("experiments/*")
	if err != nil || len(folders) < 10 {
		t.Fatalf("folders %q (%v)", folders, err)
	}
	page := read(t, "docs/experiments.md")
	for _, folder := range folders {
		if !strings.Contains(page, "(../"+folder+")") {
			t.Errorf("docs/experiments.md does not lead to %s", folder)
		}
	}
}

// CHANGELOG has a heading for what is not released, if anything, and one with the day for
// each version (make release wants it), the latest first.
func TestChangelogHasVersions(t *testing.T) {
	version := regexp.MustCompile(`^## (\d+)\.(\d+)\.(\d+)(-rc\.\d+)? \((\d\d? \w+ 20\d\d)\)$`)
	var last time.Time
	for i, h := range regexp.MustCompile(`(?m)^##? .*$`).FindAllString(read(t, "CHANGELOG.md"), -1) {
		if want := []string{"# Changelog", "## Unreleased"}; i < len(want) && h == want[i] {
			continue
		}
		m := version.FindStringSubmatch(h)
		if m == nil {
			t.Errorf("CHANGELOG has the heading %q, want Unreleased first, then versions, as ## 0.1.0 (30 November 2026)", h)
			continue
		}
		day, err := time.Parse("2 January 2006", m[5])
		if err != nil || !last.IsZero() && day.After(last) {
			t.Errorf("%q stands behind a version of %s (%v)", h, last.Format(time.DateOnly), err)
		}
		last = day
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A tour of a package (doc.go) leads through files that are there, and a package of many
// files has one.
func TestToursLead(t *testing.T) {
	file := regexp.MustCompile(`\b[a-z0-9_]+\.go\b`)
	for room := range arrows {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		code := slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
		tour := filepath.Join(room, "doc.go")
		if !slices.Contains(code, tour) {
			if len(code) > 8 && room != "cmd/train" { // a file a command
				t.Errorf("%s has %d files and no doc.go that says in which order to read them", room, len(code))
			}
			continue
		}
		for _, name := range file.FindAllString(read(t, tour), -1) {
			if !slices.Contains(code, filepath.Join(room, name)) {
				t.Errorf("%s leads to %s, which is not there", tour, name)
			}
		}
	}
}

// What is recorded names no folder of the machine that it was recorded on.
func TestRecordsHaveNoHome(t *testing.T) {
	home := regexp.MustCompile(`[" ]/(tmp|work|home|root|Users)/`)
	err := filepath.WalkDir("experiments", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !slices.Contains([]string{".json", ".yaml"}, filepath.Ext(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		if found := home.Find(text); found != nil {
			t.Errorf("%s has %q", path, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
