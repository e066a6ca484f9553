package experiments

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var givenPage = flag.String("page", "", "a report.html to open in Chromium, which then must be there")

// chromium is the program; without one the test is skipped.
func chromium(t *testing.T) string {
	t.Helper()
	names := []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if *givenPage != "" {
		t.Fatalf("no Chromium here, want one of %s; on Debian, apt-get install chromium-headless-shell", strings.Join(names, ", "))
	}
	t.Skipf("no Chromium here (none of %s)", strings.Join(names, ", "))
	return ""
}

// consoleLine is what Chromium writes to stderr for a line of the page's console.
var consoleLine = regexp.MustCompile(`(?s):CONSOLE[^\]]*\] "(.*?)", source: `)

// look opens a page in Chromium and returns what is wrong with it (testdata/look.js),
// and whether it has another number of figures.
func look(t *testing.T, page string, figures int) (faults []string) {
	t.Helper()
	program := chromium(t)
	script, err := os.ReadFile("testdata/look.js")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "page.html")
	page = strings.Replace(page, "<head>", "<head><script>"+string(script)+"</script>", 1)
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var stderr bytes.Buffer
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	c := exec.CommandContext(ctx, program, "--headless", "--disable-gpu", "--no-sandbox", // which root has none of
		"--user-data-dir="+filepath.Join(dir, "profile"), "--enable-logging=stderr", "--dump-dom", address.String())
	c.Stderr = &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, &stderr)
	}
	for _, line := range consoleLine.FindAllStringSubmatch(stderr.String(), -1) {
		faults = append(faults, line[1])
	}
	want := fmt.Sprintf("figures: %d", figures)
	if i := slices.Index(faults, want); i >= 0 {
		return slices.Delete(faults, i, i+1)
	}
	return append(faults, "want "+want)
}

func TestChromiumShowsTheReport(t *testing.T) {
	page := pageOf(t, report(t))
	if *givenPage != "" {
		text, err := os.ReadFile(*givenPage)
		if err != nil {
			t.Fatal(err)
		}
		page = string(text)
	}
	if faults := look(t, page, 7); len(faults) > 0 {
		t.Errorf("the report: %s", strings.Join(faults, "\n"))
	}
}

func TestChromiumShowsTheFiguresOfThePaper(t *testing.T) {
	chromium(t)
	var body strings.Builder
	for _, name := range Figures() {
		paths, err := figure(t, name).Save()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths[1:] {
			fmt.Fprintf(&body, `<img src="file://%s"/>`, filepath.ToSlash(path))
		}
	}
	page := "<!DOCTYPE html><html><head></head><body>" + body.String() + "</body></html>"
	if faults := look(t, page, 2*len(Figures())); len(faults) > 0 {
		t.Errorf("the figures: %s", strings.Join(faults, "\n"))
	}
}

// Whatever may be wrong with a page is found.
func TestChromiumFindsFaults(t *testing.T) {
	const curve = `<polyline points="0,0 4,4"/></svg>`
	faults := strings.Join(look(t, `<!DOCTYPE html><html><head><link rel="stylesheet" href="none.css"></head><body>
<script>absent()</script>
<svg id="whole" width="9" height="9"><text>1</text>`+curve+`
<svg id="flat" width="9" height="0">`+curve+`
<svg id="hidden" style="display:none">`+curve+`
<svg id="bare" width="9" height="9"><rect width="9" height="9"/></svg>
<svg id="still" width="9" height="9"><polyline points=""/></svg>
<svg width="9" height="9"><text id="unlabelled"></text>`+curve+`
<img id="gone" src="none.png" width="9" height="9">
<figure id="empty"><figcaption>Loss</figcaption></figure>
<table><tr><td id="number">1.5</td><td id="blank"> </td><td id="nan">NaN</td><td class="bar"></td></tr></table>
<div class="tile"><b id="tile"></b></div><dl><dd id="fact"></dd></dl>
</body></html>`, 8), "\n")
	for _, want := range []string{
		"absent is not defined", `does not load: <link rel="stylesheet"`, `does not load: <img id="gone"`, `is broken: <img id="gone"`,
		`has no size: <svg id="flat"`, `has no size: <svg id="hidden"`, `has no curve: <svg id="bare"`, `has no curve: <svg id="still"`,
		`shows nothing: <figure id="empty"`, `says nothing: <text id="unlabelled"`, `says nothing: <td id="blank"`, `says nothing: <td id="nan"`,
		`says nothing: <b id="tile"`, `says nothing: <dd id="fact"`, "figures: 7", "want figures: 8",
	} {
		if !strings.Contains(faults, want) {
			t.Errorf("%q is not found", want)
		}
	}
	for _, right := range []string{"whole", "number", `class="bar"`} {
		if strings.Contains(faults, right) {
			t.Errorf("%s is right, but a fault is found", right)
		}
	}
	if t.Failed() {
		t.Log(faults)
	}
}
