package paper

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/experiments/exptest"
)

func TestChromiumShowsTheFiguresOfThePaper(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	program := exptest.Chromium(t, false)
	var body strings.Builder
	for _, name := range Figures() {
		paths, err := figure(t, name).Save()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths[1:] {
			if strings.HasSuffix(path, ".svg") {
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				body.Write(content[bytes.Index(content, []byte("<svg")):]) // so that its texts are looked at
				continue
			}
			fmt.Fprintf(&body, `<img src="file://%s"/>`, filepath.ToSlash(path))
		}
	}
	page := "<!DOCTYPE html><html><head><style>:root { color-scheme: light dark } svg, img { max-width: 100%; height: auto }</style></head><body>" + body.String() + "</body></html>"
	if faults := exptest.Look(t, program, page, 2*len(Figures())); len(faults) > 0 {
		t.Errorf("the figures: %s", strings.Join(faults, "\n"))
	}
}
