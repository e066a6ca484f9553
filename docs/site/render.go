package main

import (
	"bytes"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// number finds cells that are a number and what it counts, which stay on one line.
var number = regexp.MustCompile(`^\s*[-−+]?\d.{0,20}$`)

// render makes the HTML of a page: GitHub's Markdown, with links as the site has them.
func (s *site) render(p *page) error {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()), goldmark.WithRendererOptions(html.WithUnsafe()))
	p.anchors = map[string]bool{}
	tree := md.Parser().Parse(text.NewReader(p.text), parser.WithContext(parser.NewContext(parser.WithIDs(anchors{p.anchors}))))
	err := ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			n.Destination = []byte(s.link(p, string(n.Destination)))
		case *ast.Image:
			n.Destination = []byte(s.picture(p, string(n.Destination)))
		case *tables.TableCell:
			if number.Match(n.Lines().Value(p.text)) {
				n.SetAttributeString("class", []byte("number"))
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := md.Renderer().Render(&b, p.text, tree); err != nil {
		return err
	}
	// A table scrolls in a box of its own where it is wider than the window.
	wide := strings.NewReplacer("<table>", `<div class="wide"><table>`, "</table>", "</table></div>")
	p.Body = template.HTML(wide.Replace(b.String()))
	return nil
}

// link is where a link of a page leads from the site.
func (s *site) link(p *page, to string) string {
	if strings.Contains(to, "://") {
		return to
	}
	name, anchor, anchored := strings.Cut(to, "#")
	source := path.Join(path.Dir(p.Source), name)
	if name == "" {
		source = p.Source
	}
	if anchored {
		s.jumps = append(s.jumps, jump{p, source, anchor})
	}
	for _, other := range s.pages {
		if other.Source == source {
			return strings.Replace(to, name, other.File, 1)
		}
	}
	if _, err := os.Stat(filepath.Join(s.root, filepath.FromSlash(source))); err != nil {
		s.faults = append(s.faults, fmt.Errorf("%s: %s leads nowhere: %w", p.Source, to, err))
	}
	if path.Dir(source) == "docs" && path.Ext(source) != ".md" {
		return path.Base(source) // which is copied
	}
	return elsewhere + source
}

// picture is where a picture of a page is in the site, which has a copy of it.
func (s *site) picture(p *page, to string) string {
	if strings.Contains(to, "://") {
		return to
	}
	source := path.Join(path.Dir(p.Source), to)
	name := strings.ReplaceAll(source, "/", "-")
	data, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(source)))
	if err != nil {
		s.faults = append(s.faults, fmt.Errorf("%s: %s leads nowhere: %w", p.Source, to, err))
	}
	s.pictures[name] = data
	return name
}

// A jump is a link to a heading of a page.
type jump struct {
	from   *page
	to     string // the page's source
	anchor string
}

// checkAnchors looks for the headings that links lead to.
func (s *site) checkAnchors() {
	for _, j := range s.jumps {
		for _, p := range s.pages {
			if p.Source == j.to && !p.anchors[j.anchor] {
				s.faults = append(s.faults, fmt.Errorf("%s: %s has no heading #%s", j.from.Source, p.Source, j.anchor))
			}
		}
	}
}

// anchors are the headings of a page under GitHub's names for them.
type anchors struct{ of map[string]bool }

// unsaid is what GitHub leaves out of the name of a heading.
var unsaid = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// Generate is the name of one more heading.
func (a anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	name := strings.ReplaceAll(unsaid.ReplaceAllString(strings.ToLower(string(value)), ""), " ", "-")
	for i, again := 1, name; a.of[name]; i++ {
		name = fmt.Sprintf("%s-%d", again, i)
	}
	a.Put([]byte(name))
	return []byte(name)
}

// Put notes a name.
func (a anchors) Put(value []byte) { a.of[string(value)] = true }
