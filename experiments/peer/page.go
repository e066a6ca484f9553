package peer

import (
	"fmt"
	"os"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// Fill puts a text between the marks of a name in a page of Markdown, which are comments:
// <!-- NAME --> and <!-- /NAME -->. What was there goes. It reports an error where the
// page has no such marks.
func Fill(page, name, text string) error {
	content, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, begun := strings.Cut(string(content), mark(name))
	_, after, ended := strings.Cut(rest, mark("/"+name))
	if !begun || !ended {
		return fmt.Errorf("%s: has no place for %s; want lines %s and %s around it", page, name, mark(name), mark("/"+name))
	}
	return atomicfile.Write(page, []byte(before+mark(name)+"\n\n"+strings.TrimSpace(text)+"\n\n"+mark("/"+name)+after))
}

// Filled is what stands between the marks of a name in a page.
func Filled(page, name string) (string, error) {
	content, err := os.ReadFile(page)
	_, rest, _ := strings.Cut(string(content), mark(name))
	text, _, _ := strings.Cut(rest, mark("/"+name))
	return strings.TrimSpace(text), err
}

func mark(name string) string { return "<!-- " + name + " -->" }
