package report

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/inspect"
	"github.com/powerbert/powerbert/experiments/exptest"
)

// hostile is a text that ends scripts, attributes and lines, turns the direction of
// writing, and holds characters that no page may have.
const hostile = "</style></script><script src=\"http://evil\">alert('x')</script> & \"q\" 'onclick=' <b> \u202eעברית\u2066 \x00\x1b\xff"

// dataPage is a page of two sets, with a text in every place that data have a say in.
func dataPage(text string) *DataPage {
	set := func(name string, counts ...int) data.SetSummary {
		s := data.SetSummary{Name: name, Path: text, Examples: counts[0] + counts[1], Inputs: counts[0] + counts[1],
			Lengths: data.LengthSummary{Mean: 7.25, Min: 3, P50: 6, P90: 11, P95: 12, P99: 17, Max: 41}, Cut: data.CutSummary{Inputs: 3, Pieces: 29, Share: 0.125}, Padding: 0.5,
			Skipped: []data.Malformed{{Line: 13, Reason: text}},
			Samples: []data.Sample{{Label: text, Text: text, Pair: text, Pieces: []string{"[CLS]", text}}}}
		for i, label := range []string{text, "other"} {
			s.Labels = append(s.Labels, data.LabelCount{Label: label, Count: counts[i], Share: float64(counts[i]) / float64(s.Examples)})
		}
		return s
	}
	return &DataPage{Name: text, Summary: &data.Summary{Task: "table", MaxLength: 16, Pieces: 31, Sets: []data.SetSummary{set("train", 30, 10), set("dev", 1, 4)}},
		Findings: []inspect.Finding{
			{Name: "duplicates", Set: text, What: text, Count: 7, Of: 40, Remedy: text, Examples: []inspect.Place{{File: text, Line: 19, Text: text, Like: text}}},
			{Name: "label typos", Set: "dev", What: "labels look like one", Count: 2, Of: 5, Remedy: "write them alike", Examples: []inspect.Place{}},
		}}
}

func textOf(t *testing.T, p *DataPage) string {
	t.Helper()
	var out strings.Builder
	if err := p.WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// inElements returns the text right within elements of each name.
func inElements(t *testing.T, page string) map[string]string {
	t.Helper()
	texts, open := map[string]string{}, []string{""}
	for d := xml.NewDecoder(strings.NewReader(page)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			texts[open[len(open)-1]] += string(token)
		}
	}
}

// The page shows every finding with places and remedy, counts by label and set, lengths and
// what is cut.
func TestDataPageShowsEverything(t *testing.T) {
	count, shown := elements(t, textOf(t, dataPage("a.csv")))
	if count["article"] != 2+2 || count["tr"] != 2+1+2+1+2+1+2 || count["polyline"] != 3 || count["circle"] != 2*6 {
		t.Errorf("elements %v, want 2 findings, 2 samples, 2 labels, 2 lengths and cuts, 3 lines", count)
	}
	for _, want := range []string{"a.csv: duplicates (7 of 40)", "a.csv:19 and a.csv", "What to do: write them alike.", "30", "75.0 %", "80.0 %",
		"7.2", "41", "29", "12.5 %", "max_length 16", "40examples in train", "2findings", "line 13: a.csv", "31 word-pieces"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(shown, "Nothing that the detectors know") {
		t.Error("the page says that there is nothing")
	}
}

// Texts come from users' data: they show as they are, a line's direction stays its own, and
// they bring no elements and nothing from elsewhere. What no page may hold is U+FFFD.
func TestDataPageEscapes(t *testing.T) {
	clean, _ := elements(t, textOf(t, dataPage("a.csv")))
	page := dataPage(hostile)
	page.Refused = hostile
	text := textOf(t, page)
	count, shown := elements(t, text)
	if count["script"] != 0 || count["style"] != 1 || count["b"] != clean["b"] || count["bdi"] != clean["bdi"]+1 {
		t.Errorf("data became elements: %v", count)
	}
	visible := strings.NewReplacer("\x00", "�", "\x1b", "�", "\xff", "�").Replace(hostile)
	if n := strings.Count(shown, visible); n < 20 {
		t.Errorf("the text shows %d times, want it everywhere", n)
	}
	for at, parts := range inElements(t, text) {
		if at != "bdi" && at != "title" && strings.Contains(parts, "\u202e") {
			t.Errorf("a text in <%s> turns the direction of what stands beside it", at)
		}
	}
	if found := regexp.MustCompile(`(?i)<script|<link|<img|<iframe|<[^>]*\b(src|href)=|url\(|@import|<[^>]*\son[a-z]+=|ZgotmplZ`).FindString(text); found != "" {
		t.Errorf("the page holds %q", found)
	}
}

// Without findings the page says so; of data that cannot be read it has why, and no counts.
func TestDataPageOfCleanAndUnreadableData(t *testing.T) {
	clean := dataPage("a.csv")
	clean.Findings = nil
	if count, shown := elements(t, textOf(t, clean)); count["article"] != 2 || !strings.Contains(shown, "0findings") || !strings.Contains(shown, "Nothing that the detectors know.") {
		t.Errorf("a page of clean data shows %v", count)
	}
	refused := &DataPage{Name: "mine", Refused: "a.csv:1: no column", Findings: dataPage("a.csv").Findings[:1]}
	if count, shown := elements(t, textOf(t, refused)); count["article"] != 1 || count["svg"] != 0 || !strings.Contains(shown, "a.csv:1: no column") {
		t.Errorf("a page of unreadable data shows %v", count)
	}
}

func TestDataPageIsSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.html")
	if err := dataPage("a").Save(path); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != textOf(t, dataPage("a")) {
		t.Errorf("the file is not the page (%v)", err)
	}
	if err := dataPage("a").Save(filepath.Join(path, "b.html")); err == nil {
		t.Error("below a file: no error")
	}
}

func TestChromiumShowsTheDataPage(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	program := exptest.Chromium(t, false)
	if faults := exptest.Look(t, program, textOf(t, dataPage(hostile)), 1); len(faults) > 0 {
		t.Errorf("the page: %s", strings.Join(faults, "\n"))
	}
}
