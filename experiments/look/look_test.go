package look

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// cones are what readers see of linear sRGB who have all kinds of cones, or lack the first,
// second or third: Machado, Oliveira and Fernandes 2009, severity 1.
var cones = map[string][3][3]float64{
	"all":          {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// seen is what a reader sees of a colour, in Oklab.
func seen(name string, by [3][3]float64) [3]float64 {
	c := parse(name)
	var out [3]float64
	for i, row := range by {
		out[i] = float64(channel(row[0]*linear(c[0]) + row[1]*linear(c[1]) + row[2]*linear(c[2])))
	}
	return oklab(out)
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// contrast is WCAG's ratio of two colours.
func contrast(a, b string) float64 {
	light := func(name string) float64 {
		c := parse(name)
		return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2]) + 0.05
	}
	return max(light(a)/light(b), light(b)/light(a))
}

// Any two series differ by a tenth of Oklab, where black and white differ by 1, for every
// reader.
func TestSeriesAreToldApart(t *testing.T) {
	for name, by := range cones {
		for i, a := range Series {
			for _, b := range Series[:i] {
				if d := distance(seen(a, by), seen(b, by)); d < 0.1 {
					t.Errorf("%s: %s and %s differ by %.3f", name, a, b, d)
				}
			}
		}
	}
}

// Colours stand out from both grounds, and texts can be read on them.
func TestContrast(t *testing.T) {
	if got := contrast("#000000", "#ffffff"); math.Abs(got-21) > 1e-9 {
		t.Fatalf("black on white has %v, want 21", got)
	}
	for _, ground := range []Ground{Light, Dark} {
		for _, c := range slices.Concat(Series, []string{Ramp(0, 12), Ramp(5, 12), Ramp(11, 12)}) {
			if got := contrast(c, ground.Card); got < 3 {
				t.Errorf("%s on %s has %.2f, want 3", c, ground.Card, got)
			}
		}
		for _, text := range []string{ground.Ink, ground.Soft, ground.Link} {
			if got := min(contrast(text, ground.Card), contrast(text, ground.Page)); got < 4.5 {
				t.Errorf("%s has %.2f, want 4.5", text, got)
			}
		}
	}
}

// A ramp goes one way for every reader: the further apart two things are, the more their
// colours differ from the first one's.
func TestRamp(t *testing.T) {
	if Ramp(0, 1) != ramp[0] || Ramp(0, 5) != ramp[0] || Ramp(2, 5) != ramp[1] || Ramp(4, 5) != ramp[2] {
		t.Errorf("the ramp is %s … %s … %s", Ramp(0, 5), Ramp(2, 5), Ramp(4, 5))
	}
	for name, by := range cones {
		was := 0.0
		for j := 1; j < 12; j++ {
			d := distance(seen(Ramp(j, 12), by), seen(Ramp(0, 12), by))
			if d < was-0.005 {
				t.Errorf("%s: the colour of %d is nearer to the first than that of %d", name, j, j-1)
			}
			was = d
		}
	}
}

func TestPageCSS(t *testing.T) {
	css := PageCSS()
	if !strings.Contains(css, "--power: 223 122 18;") || !strings.Contains(css, "--card: "+Dark.Card) || strings.ContainsAny(css, "<&") || strings.Contains(css, "url(") {
		t.Errorf("the style sheet is\n%s", css[:600])
	}
	if strings.Count(css, "{") != strings.Count(css, "}") {
		t.Error("a brace of the style sheet is missing")
	}
}

// A picture has its styles right behind its first tag, and nothing of it is lost.
func TestPicture(t *testing.T) {
	got := string(Picture([]byte("<?xml version=\"1.0\"?>\n<svg width=\"1\"\n\txmlns=\"x\">\n<text style=\"font-family:Liberation Sans;font-size:1px\">a</text></svg>")))
	before, after, ok := strings.Cut(got, "xmlns=\"x\">\n<style>")
	if !ok || !strings.HasPrefix(before, "<?xml") || !strings.HasSuffix(after, "</style>\n<text style=\"font-family:"+drawn+";font-size:1px\">a</text></svg>") {
		t.Errorf("got %s", got)
	}
}

// Recorded pictures have no colours but these, and those that gonum draws on white with.
func TestPicturesOfTheRepository(t *testing.T) {
	known := slices.Concat(Series, []string{"#000000", "#ffffff", "#646464", "#808080"})
	for _, g := range []Ground{Light, Dark} {
		known = append(known, g.Card, g.Ink, g.Soft, g.Line)
	}
	for j := range 4 {
		known = append(known, Ramp(j, 4))
	}
	seen := 0
	for _, pattern := range []string{"../../docs/*.svg", "../*/*.svg", "../*/*/*.svg"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			for _, c := range regexp.MustCompile(`(?i)#[0-9a-f]{6}|hsl\([^)]*\)`).FindAllString(string(text), -1) {
				if !slices.Contains(known, strings.ToLower(c)) {
					t.Errorf("%s has the colour %s", path, c)
				}
			}
		}
	}
	if seen < 5 { // docs/mass.svg, three of pretrained and one of front
		t.Errorf("%d pictures are looked at", seen)
	}
}

func TestColor(t *testing.T) {
	if r, g, b, _ := Color(1).RGBA(); r>>8 != 0xdf || g>>8 != 0x7a || b>>8 != 0x12 || Color(len(Series)) != Color(0) {
		t.Errorf("the second colour is %d %d %d", r>>8, g>>8, b>>8)
	}
}
