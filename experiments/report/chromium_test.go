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
	if faults := exptest.Look(t, program, page, 11); len(faults) > 0 {
		t.Errorf("the report: %s", strings.Join(faults, "\n"))
	}
}

// The picture of a confusion keeps its layout from two labels to a hundred and fifty, and so
// do long names and texts.
func TestChromiumShowsMistakes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	program := exptest.Chromium(t, false)
	r := *measured(t)
	for _, labels := range []int{2, 12, 24, 150} {
		r.Mistakes = madeUp(labels)
		if faults := exptest.Look(t, program, pageOf(t, &r), 10+12); len(faults) > 0 {
			t.Errorf("%d labels: %s", labels, strings.Join(faults, "\n"))
		}
	}
}
