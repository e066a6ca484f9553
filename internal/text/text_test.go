package text

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTable(t *testing.T) {
	var got strings.Builder
	Table(&got, [][]string{{"name", "×"}, {"a", "10"}, {"ëë", "", "more"}, nil, {"next table"}, {"x", "1"}})
	want := "name   ×\na     10\nëë        more\n\nnext table\nx           1\n"
	if got.String() != want {
		t.Errorf("table\n%s\nwant\n%s", got.String(), want)
	}
}

func TestNoteBreaksLines(t *testing.T) {
	var got strings.Builder
	Note(&got, strings.Repeat("größer ", 40))
	lines := strings.Split(strings.TrimSuffix(got.String(), "\n"), "\n")
	// "-" and 13 words of 7 characters with their blank are 92, a further one would be 99
	if len(lines) != 4 || utf8.RuneCountInString(lines[0]) != 92 || !strings.HasPrefix(lines[0], "- größer ") || !strings.HasPrefix(lines[3], "  größer") {
		t.Errorf("lines %q", lines)
	}
}

func TestFigures(t *testing.T) {
	for got, want := range map[string]string{
		Millions(1234567): "1.23 M", Times(2): "2.00×", Milliseconds(0.12349): "0.123", Size(1<<30 - 1): "1024.0 MiB", Size(3 << 29): "1.5 GiB",
		Gibibytes(1 << 29): "0.5 GiB", List([]int{3, 2, 1}): "3 2 1", List([]int(nil)): "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A text is one line, cut to a number of characters, with nothing for the terminal to obey.
func TestLine(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{" a\tb\n\nc ", 5, "a b c"}, {"größer", 6, "größer"}, {"größer", 5, "größ…"}, {"", 3, ""},
		{"\x1b[2Jred\u202e", 9, "�[2Jred�"},
	} {
		if got := Line(c.text, c.most); got != c.want {
			t.Errorf("%q in %d is %q, want %q", c.text, c.most, got, c.want)
		}
	}
}
