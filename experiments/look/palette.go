// Package look is the one look of pages and pictures: their colours, their style sheet and
// what makes a picture follow a dark page.
package look

import (
	"fmt"
	"image/color"
	"math"
)

// The colours of what is compared, as #rrggbb. Each stands out from light and from dark
// ground (3 to 1, WCAG 2.2's criterion 1.4.11), and any two of them differ for readers who
// lack a kind of cone, too; the tests compute both.
const (
	Blue   = "#3374c4" // BERT; what is right
	Orange = "#df7a12" // PoWER-BERT; what is wrong
	Slate  = "#6e687b"
	Cyan   = "#139ec6"
	Rust   = "#ad5b33"
	Sand   = "#9d8b7d"
)

// Series are the colours of curves, in the order in which they are taken.
var Series = []string{Blue, Orange, Slate, Cyan, Rust, Sand}

// ramp are the colours that Ramp passes through.
var ramp = []string{"#2a6fc4", "#9a5cc0", "#df7a12"}

// The grounds and inks of light and of dark pages.
var (
	Light = Ground{Page: "#fbfaf7", Card: "#ffffff", Ink: "#1e2229", Soft: "#5c6470", Line: "#e2e0da", Link: "#2a63ac"}
	Dark  = Ground{Page: "#14171c", Card: "#1c2027", Ink: "#e7e8ea", Soft: "#9aa3af", Line: "#313742", Link: "#7fb0ee"}
)

// A Ground is what colours stand on.
type Ground struct {
	Page, Card string // behind all, and behind a figure
	Ink, Soft  string // of texts, and of those that say less
	Line       string // rules
	Link       string // what leads elsewhere
}

// Color is the i-th colour of Series, which come round, for a picture.
func Color(i int) color.Color {
	c := parse(Series[i%len(Series)])
	return color.RGBA{uint8(c[0]), uint8(c[1]), uint8(c[2]), 255}
}

// Ramp is the colour of the j-th of n things in an order, from 0: from blue over violet to
// orange. It is mixed in Oklab (Ottosson 2020), so that equal steps look alike.
func Ramp(j, n int) string {
	at := 0.0
	if n > 1 {
		at = float64(j) / float64(n-1) * float64(len(ramp)-1)
	}
	k := min(int(at), len(ramp)-2)
	from, to, share := oklab(parse(ramp[k])), oklab(parse(ramp[k+1])), at-float64(k)
	var mixed [3]float64
	for i := range mixed {
		mixed[i] = from[i] + share*(to[i]-from[i])
	}
	return hex(mixed)
}

// Triple is a colour as CSS's rgb() takes it: "51 116 196".
func Triple(name string) string {
	c := parse(name)
	return fmt.Sprintf("%g %g %g", c[0], c[1], c[2])
}

// parse reads #rrggbb, as 0 … 255.
func parse(name string) [3]float64 {
	var r, g, b uint8
	fmt.Sscanf(name, "#%02x%02x%02x", &r, &g, &b)
	return [3]float64{float64(r), float64(g), float64(b)}
}

// linear takes the gamma of sRGB off a channel, to 0 … 1.
func linear(channel float64) float64 {
	v := channel / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// channel is what linear was taken of, rounded.
func channel(v float64) int {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		return int(math.Round(255 * 12.92 * v))
	}
	return int(math.Round(255 * (1.055*math.Pow(v, 1/2.4) - 0.055)))
}

// oklab is a colour in Oklab, by the matrices of
// https://bottosson.github.io/posts/oklab.
func oklab(c [3]float64) [3]float64 {
	r, g, b := linear(c[0]), linear(c[1]), linear(c[2])
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return [3]float64{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, 1.9779984951*l - 2.4285922050*m + 0.4505937099*s, 0.0259040371*l + 0.7827717662*m - 0.8086757660*s}
}

// hex writes a colour of Oklab.
func hex(lab [3]float64) string {
	l := math.Pow(lab[0]+0.3963377774*lab[1]+0.2158037573*lab[2], 3)
	m := math.Pow(lab[0]-0.1055613458*lab[1]-0.0638541728*lab[2], 3)
	s := math.Pow(lab[0]-0.0894841775*lab[1]-1.2914855480*lab[2], 3)
	return fmt.Sprintf("#%02x%02x%02x", channel(4.0767416621*l-3.3077115913*m+0.2309699292*s),
		channel(-1.2684380046*l+2.6097574011*m-0.3413193965*s), channel(-0.0041960863*l-0.7034186147*m+1.7076147010*s))
}
