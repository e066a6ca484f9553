package look

import (
	"bytes"
	_ "embed" // of the style sheet
	"fmt"
	"strings"
)

// Fonts are those of pages and pictures, whichever is there. Liberation Sans, whose widths
// pictures are laid out with, has those of Arial.
const Fonts = `system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif`

// drawn are the fonts of pictures: all as wide as Liberation Sans.
const drawn = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"

//go:embed page.css
var page string

// PageCSS is the style sheet of pages, which are light or dark as the reader has it.
func PageCSS() string { return Variables() + page }

// Variables are fonts and colours for style sheets, light or dark as the reader has it.
func Variables() string {
	var b strings.Builder
	fmt.Fprintf(&b, ":root { color-scheme: light dark; --fonts: %s; --bert: %s; --power: %s; %s }\n", Fonts, Triple(Blue), Triple(Orange), Light.variables())
	fmt.Fprintf(&b, "@media (prefers-color-scheme: dark) { :root { %s } }\n", Dark.variables())
	return b.String()
}

// variables are a ground's, for CSS.
func (g Ground) variables() string {
	return fmt.Sprintf("--ground: %s; --card: %s; --ink: %s; --soft: %s; --line: %s; --link: %s;", g.Page, g.Card, g.Ink, g.Soft, g.Line, g.Link)
}

// Picture gives a picture of gonum's, an SVG, the fonts of pictures, and inks and a ground
// that follow a dark page: gonum's black and white change, by the styles that it writes.
func Picture(svg []byte) []byte {
	style := fmt.Sprintf("<style>@media (prefers-color-scheme: dark) { text { fill: %s !important; } "+
		`path[style*="fill:#FFFFFF"] { fill: %s !important; } path[style*="stroke:#000000"], path[style*="stroke:#646464"] { stroke: %s !important; } }</style>`, Dark.Ink, Dark.Card, Dark.Soft)
	svg = bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans;"), []byte("font-family:"+drawn+";"))
	at := bytes.Index(svg, []byte("<svg"))
	end := at + bytes.IndexByte(svg[max(at, 0):], '>') + 1
	return bytes.Join([][]byte{svg[:end], svg[end:]}, []byte("\n"+style))
}
