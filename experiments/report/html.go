package report

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/powerbert/powerbert/experiments/look"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

//go:embed *.html.tmpl
var templates embed.FS

// survivorsScript lets readers point at the words of a report.
//
//go:embed survivors.js
var survivorsScript string

// pages are a report's and that of data, each a file that needs no other: no picture, no font
// from anywhere, and a script of its own, without which it is a picture. html/template escapes
// what comes from the user's data.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"millions": text.Millions, "times": text.Times, "ms": text.Milliseconds, "score": func(x float64) string { return fmt.Sprintf("%.4f", x) },
	"percent": func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) },
	"mean":    func(x float64) string { return fmt.Sprintf("%.1f", x) },
	"hundred": func(x float64) float64 { return round(100 * max(x, 0)) },
	"spread":  func(v metric.Interval) float64 { return round(100 * (max(v.High, 0) - max(v.Low, 0))) },
	"cut":     text.Line,
	"plain":   plain,
	"list":    text.List[int],
	"css":     func() template.CSS { return template.CSS(look.PageCSS()) },
	"script":  func() template.JS { return template.JS(survivorsScript) },
}).ParseFS(templates, "*.html.tmpl"))

// plain returns a text as XML, and so a page, may hold it: U+FFFD stands for each control
// character but white space, and for what is no UTF-8.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return utf8.RuneError
		}
		return r
	}, text)
}

// Save writes the report to a file, "" is report.html in its run directory, and returns its
// path.
func (r *Report) Save(path string) (string, error) {
	path = cmp.Or(path, rundir.ReportFile(r.Dir))
	return path, atomicfile.WriteWith(path, r.WriteHTML)
}

// WriteHTML writes the report as one HTML file, which is well-formed XML, too.
func (r *Report) WriteHTML(w io.Writer) error {
	return render(w, "report.html.tmpl", r.view())
}

// render writes a page whole or not at all.
func render(w io.Writer, name string, view any) error {
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, name, view); err != nil {
		return err
	}
	_, err := out.WriteTo(w)
	return err
}

// A view is what the template shows.
type view struct {
	*Report
	Kept, Mass, Ranks, Metric chart
	Losses, Trust, Thresholds []chart
	Heatmap                   *heatmap // nil: there is no confusion
	Unshown                   int      // labels that have no chart of their threshold
	Bars                      []retentionBar
	Verb                      string // what is done with an example
}

func (r *Report) view() view {
	v := view{Report: r, Kept: r.keptChart(), Metric: r.metricChart(), Losses: r.lossCharts(), Trust: r.trustCharts(), Verb: ofKind[r.Summary.Problem].verb}
	if r.Mistakes != nil {
		v.Heatmap, v.Thresholds = r.Mistakes.heatmap(), r.Mistakes.thresholdCharts()
		v.Unshown = max(len(r.Mistakes.Curves)-mostCurves, 0)
	}
	if len(r.R) > 0 {
		v.Mass, v.Ranks = r.massChart(), r.rankChart()
	}
	for j, keep := range r.Summary.Retention.Keep {
		n := float64(r.Summary.MaxLength)
		bar := retentionBar{Encoder: j + 1, Keep: keep, Width: round(100 * float64(keep) / n), Free: j == len(r.Summary.Retention.Keep)-1}
		if mass := r.Summary.Retention.Mass; len(mass) > 0 {
			bar.Mass, bar.At = mass[j], round(100*mass[j]/n)
		}
		v.Bars = append(v.Bars, bar)
	}
	return v
}

// A retentionBar shows what an encoder keeps, in per cent of N.
type retentionBar struct {
	Encoder, Keep int
	Mass          float64
	Width, At     float64
	Free          bool
}

// Shade returns how strongly a word is set off: the share of the encoders it lives
// through, those that only [CLS] can live through left out.
func (v view) Shade(w Word) float64 {
	whole := max(v.Summary.Encoders-1, 1)
	return round(10*float64(min(w.Survives, whole))/float64(whole)) / 10
}

// Fate says what became of a word of a sentence, and how it ranked where that was decided.
func (v view) Fate(s Sentence, w Word) string {
	fate := fmt.Sprintf("lives through %d of %d encoders", w.Survives, v.Summary.Encoders)
	last := len(w.Ranks)
	if w.Survives < v.Summary.Encoders && (last > w.Survives || last == 0) {
		fate = fmt.Sprintf("goes at encoder %d of %d", w.Survives+1, v.Summary.Encoders)
	}
	if last == 0 {
		return fate
	}
	of := fmt.Sprintf("%d", s.Entering[last-1])
	if last < len(s.Entering) {
		of += fmt.Sprintf(", of which %d go on", s.Entering[last])
	}
	return fmt.Sprintf("%s: in encoder %d its score is %.3g, rank %d of %s", fate, last, w.Score, w.Ranks[last-1], of)
}

// Encoders lists the numbers of the encoders in which a word may be lost.
func (v view) Encoders() []int {
	list := make([]int, v.Summary.Encoders)
	for j := range list {
		list[j] = j + 1
	}
	return list
}
