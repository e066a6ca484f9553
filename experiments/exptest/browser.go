package exptest

import (
	"bytes"
	"context"
	_ "embed" // of the script
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

//go:embed look.js
var look string

// Chromium is the program; without one the test is skipped, or fails where it must be
// there.
func Chromium(t *testing.T, must bool) string {
	t.Helper()
	names := []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if must {
		t.Fatalf("no Chromium here, want one of %s; on Debian, apt-get install chromium-headless-shell", strings.Join(names, ", "))
	}
	t.Skipf("no Chromium here (none of %s)", strings.Join(names, ", "))
	return ""
}

// consoleLine is what Chromium writes to stderr for a line of the page's console.
var consoleLine = regexp.MustCompile(`(?s):CONSOLE[^\]]*\] "(.*?)", source: `)

// widths are those of the windows that a page is looked at in, in pixels.
var widths = []int{400, 800, 1600}

// Look opens a page in Chromium, in windows from narrow to wide, and dark, and returns what
// is wrong with it (look.js), and whether it has another number of figures.
func Look(t *testing.T, program, page string, figures int) (faults []string) {
	t.Helper()
	for _, width := range widths {
		for _, fault := range lookAt(t, program, page, figures, width) {
			faults = append(faults, fmt.Sprintf("at %d pixels: %s", width, fault))
		}
	}
	for _, fault := range lookAt(t, program, page, figures, widths[1], dark) {
		faults = append(faults, "dark: "+fault)
	}
	return faults
}

// dark has Chromium prefer dark pages.
const dark = "--blink-settings=preferredColorScheme=0"

// lookAt is Look in a window of a width, with more options of Chromium.
func lookAt(t *testing.T, program, page string, figures, width int, options ...string) (faults []string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "page.html")
	page = strings.Replace(page, "<head>", "<head><script>"+look+"</script>", 1)
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var stderr bytes.Buffer
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	c := exec.CommandContext(ctx, program, append(options, "--headless", "--disable-gpu", "--no-sandbox", // which root has none of
		fmt.Sprintf("--window-size=%d,900", width), "--user-data-dir="+filepath.Join(dir, "profile"), "--enable-logging=stderr", "--dump-dom", address.String())...)
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
