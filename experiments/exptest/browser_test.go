package exptest

import (
	"strings"
	"testing"
)

// Whatever may be wrong with a page is found.
func TestChromiumFindsFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const curve = `<polyline points="0,0 4,4"/></svg>`
	faults := strings.Join(Look(t, Chromium(t, false), `<!DOCTYPE html><html style="color-scheme: light dark"><head><style>svg text { fill: light-dark(#555, #aaa) }</style><link rel="stylesheet" href="none.css"></head><body>
<script>absent()</script>
<svg id="whole" width="9" height="9"><text y="8" font-size="6">1</text>`+curve+`
<svg id="flat" width="9" height="0">`+curve+`
<svg id="hidden" style="display:none">`+curve+`
<svg id="bare" width="9" height="9"><rect width="9" height="9"/></svg>
<svg id="still" width="9" height="9"><polyline points=""/></svg>
<svg width="9" height="9"><text id="unlabelled"></text>`+curve+`
<svg id="narrow" width="30" height="30"><text id="outside" x="20" y="20">a long text</text>`+curve+`
<svg id="wide" width="1700" height="9">`+curve+`
<svg id="dense" width="90" height="30"><text x="2" y="20">one</text><text id="over" x="10" y="20">two</text><text id="beside" x="60" y="20">ten</text>`+curve+`
<p id="faint" style="color: #eee; background: #fff">a</p><p id="night" style="color: light-dark(#000, #222)">b</p><p id="plain">c</p>
<img id="gone" src="none.png" width="9" height="9">
<figure id="empty"><figcaption>Loss</figcaption></figure>
<table><tr><td id="number">1.5</td><td id="blank"> </td><td id="nan">NaN</td><td class="bar"></td></tr></table>
<div class="tile"><b id="tile"></b><b id="long" style="display: block; width: 9px">a long figure</b></div><dl><dd id="fact"></dd></dl>
</body></html>`, 11), "\n")
	for _, want := range []string{
		"absent is not defined", `does not load: <link rel="stylesheet"`, `does not load: <img id="gone"`, `is broken: <img id="gone"`,
		`has no size: <svg id="flat"`, `has no size: <svg id="hidden"`, `has no curve: <svg id="bare"`, `has no curve: <svg id="still"`,
		`shows nothing: <figure id="empty"`, `says nothing: <text id="unlabelled"`, `says nothing: <td id="blank"`, `says nothing: <td id="nan"`,
		`says nothing: <b id="tile"`, `says nothing: <dd id="fact"`, "figures: 10", "want figures: 11",
		`at 400 pixels: is cut off: <text id="outside"`, `at 1600 pixels: is cut off: <text id="outside"`,
		`at 1600 pixels: is wider than its window: <svg id="wide"`, `is cut off: <b id="long"`, "at 800 pixels: the page is wider than its window",
		`lies over another text: <text id="over"`, `at 400 pixels: is hard to read: <p id="faint"`, `dark: is hard to read: <p id="night"`,
	} {
		if !strings.Contains(faults, want) {
			t.Errorf("%q is not found", want)
		}
	}
	for _, right := range []string{"whole", "number", `class="bar"`, "narrow", "beside", `pixels: is hard to read: <p id="night"`, "plain"} {
		if strings.Contains(faults, right) {
			t.Errorf("%s is right, but a fault is found", right)
		}
	}
	if t.Failed() {
		t.Log(faults)
	}
}
