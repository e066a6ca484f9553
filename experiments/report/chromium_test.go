package report

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/experiments/exptest"
)

var givenPage = flag.String("page", "", "a report.html to open in Chromium, which then must be there")

func TestChromiumShowsTheReport(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	program := exptest.Chromium(t, *givenPage != "")
	page := pageOf(t, measured(t))
	if *givenPage != "" {
		text, err := os.ReadFile(*givenPage)
		if err != nil {
			t.Fatal(err)
		}
		page = string(text)
	}
	if faults := exptest.Look(t, program, page, 9); len(faults) > 0 {
		t.Errorf("the report: %s", strings.Join(faults, "\n"))
	}
}
