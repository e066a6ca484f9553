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

	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

func pageOf(t *testing.T, r *Report) string {
	t.Helper()
	var text strings.Builder
	if err := r.WriteHTML(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// elements reads a page as XML and counts its elements; what is not well-formed
// fails. It also returns all text.
func elements(t *testing.T, page string) (count map[string]int, text string) {
	t.Helper()
	count = map[string]int{}
	var all strings.Builder
	for d := xml.NewDecoder(strings.NewReader(page)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count, all.String()
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			count[token.Name.Local]++
		case xml.CharData:
			all.Write(token)
		}
	}
}

func TestPageShowsEverything(t *testing.T) {
	r := measured(t)
	count, shown := elements(t, pageOf(t, r))
	wrong := 1 + len(r.Mistakes.Confused) + 1 + len(r.Mistakes.Slices[0].Slices)
	if count["svg"] != 11 || count["article"] != len(r.Sentences) || count["tr"] != 2+4+1+4+1+2+1+3+1+4+wrong || count["g"] != len(r.Mistakes.heatmap().Cells) {
		t.Errorf("elements %v", count)
	}
	if count["polyline"] != 4+3+2+3+3+2*3+3+3 {
		t.Errorf("%d lines in the charts, want 4 ways, 3 reliabilities, 2 risks, 3 masses, 3 weights, 2 losses of 3 stages, 3 metrics, 3 of the threshold", count["polyline"])
	}
	for _, want := range []string{"PoWER unpadded", "bag of n-grams", "lambda: 0.01", "train of a test", "Stage 3, retrain: task loss",
		text.Millions(r.Summary.Ways[3].MACs), text.Times(r.Summary.Ways[3].FewerMACs.Unpadded)} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// The page needs nothing but itself.
func TestPageRefersToNothing(t *testing.T) {
	page := pageOf(t, measured(t))
	if found := regexp.MustCompile(`(?i)https?:|//[a-z]|<script\s|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|javascript:|\son[a-z]+=`).FindString(page); found != "" {
		t.Errorf("the page holds %q", found)
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("html/template refused a value")
	}
}

// Texts, labels and names come from users' data and show as they are.
func TestPageEscapes(t *testing.T) {
	r := *measured(t)
	plain, _ := elements(t, pageOf(t, &r))
	const evil = `</style><script src="http://evil">alert('x')</script> & "quoted" <b>`
	r.Summary.Name, r.Summary.Metric, r.Summary.Timing.CPU = evil, evil, evil
	r.Summary.Ways = append([]Way(nil), r.Summary.Ways...)
	r.Summary.Ways[0].Name = evil
	r.Experiment = "name: " + evil
	r.Facts = []Fact{{evil, evil}}
	r.Stages = append([]rundir.Record(nil), r.Stages...)
	r.Stages[0].Name = evil
	r.Sentences = append([]Sentence(nil), r.Sentences...)
	r.Sentences[0] = Sentence{Gold: evil, Predicted: evil, Words: []Word{{Text: evil, Survives: 1}, {Text: "' onclick='x"}}}
	count, shown := elements(t, pageOf(t, &r))
	if count["script"] != 1 || count["b"] != plain["b"] || count["style"] != 1 {
		t.Errorf("data became elements: %v", count)
	}
	if n := strings.Count(shown, evil); n < 10 {
		t.Errorf("the text shows %d times, want it everywhere", n)
	}
}

// Odd runs make a page, too: relative ranks, ranks that nothing reaches, no
// steps, no sentences, one encoder.
func TestPageOfOddRuns(t *testing.T) {
	for name, change := range map[string]func(*Report){
		"relative":    func(r *Report) { r.Summary.Retention.Ranks = "relative" },
		"unreached":   func(r *Report) { r.Reached = [][]int{{9, 4, 0, 0}} },
		"no counts":   func(r *Report) { r.Reached = nil },
		"no steps":    func(r *Report) { r.Stages = []rundir.Record{{Name: "search"}} },
		"no sentence": func(r *Report) { r.Sentences = nil },
		"short mass": func(r *Report) {
			r.Stages = []rundir.Record{{Name: "search", Steps: []rundir.StepLine{{Mass: []float64{1}}}}}
		},
		"given": func(r *Report) {
			r.R, r.Reached, r.Stages = nil, nil, []rundir.Record{r.Stages[0], r.Stages[2]}
			r.Summary.Retention.Mass = nil
		},
		"one encoder": func(r *Report) {
			r.Summary.Encoders, r.R = 1, r.R[:1]
			r.Summary.Retention.Keep = r.Summary.Retention.Keep[:1]
		},
	} {
		r := *measured(t)
		change(&r)
		page := pageOf(t, &r)
		elements(t, page)
		if strings.Contains(page, "NaN") || strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s: the page holds a value that is none", name)
		}
		if shaded := strings.Contains(page, "never reached"); shaded != (r.unreached() > 0) {
			t.Errorf("%s: ranks shaded: %v, unreached from %v", name, shaded, r.unreached())
		}
	}
}

func TestSaveReplacesTheReport(t *testing.T) {
	r := *measured(t)
	r.Dir = t.TempDir()
	for range 2 {
		path, err := r.Save("")
		if err != nil || path != filepath.Join(r.Dir, "report.html") {
			t.Fatalf("saved to %q, %v", path, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(r.Dir, "report.html"))
	if err != nil || string(text) != pageOf(t, &r) {
		t.Errorf("the file is not the page (%v)", err)
	}
	r.Dir = filepath.Join(r.Dir, "report.html")
	if _, err := r.Save(""); err == nil {
		t.Error("a file for a directory: no error")
	}
}
