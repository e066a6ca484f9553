package report

import (
	"html/template"
	"io"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/inspect"
	"github.com/powerbert/powerbert/experiments/look"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// A DataPage shows what an experiment's data are and what a look at them found.
type DataPage struct {
	Name     string        // of the experiment
	Summary  *data.Summary // nil: they could not be read
	Refused  string        // why not
	Findings []inspect.Finding
}

// Save writes the page to a file, which it replaces whole.
func (p *DataPage) Save(path string) error { return atomicfile.WriteWith(path, p.WriteHTML) }

// WriteHTML writes the page as one HTML file, which is well-formed XML, too, and needs no
// other.
func (p *DataPage) WriteHTML(w io.Writer) error { return render(w, "data.html.tmpl", p) }

// A labelRow is how many examples of each set have a label.
type labelRow struct {
	Label  string
	Counts []data.LabelCount
}

// Rows are the labels, or ranges of scores, with the counts of all sets.
func (p *DataPage) Rows() (rows []labelRow) {
	sets := p.Summary.Labelled()
	for i, l := range sets[0].Labels {
		row := labelRow{Label: l.Label}
		for _, set := range sets {
			row.Counts = append(row.Counts, set.Labels[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// Lengths draws how long the inputs of each set are, from the shortest to the longest, and
// what max_length leaves of them.
func (p *DataPage) Lengths() chart {
	limit := float64(p.Summary.MaxLength)
	list := []series{{name: "max_length", color: colorOther, dashed: true, points: []point{{0, limit}, {100, limit}}}}
	colors := []template.CSS{colorBERT, colorPower, colorThird, look.Rust}
	for i, set := range p.Summary.Sets {
		l := set.Lengths
		list = append(list, series{name: set.Name, color: colors[i%len(colors)], dots: true, points: []point{
			{0, float64(l.Min)}, {50, float64(l.P50)}, {90, float64(l.P90)}, {95, float64(l.P95)}, {99, float64(l.P99)}, {100, float64(l.Max)}}})
	}
	return frame{title: "Word-pieces of the inputs", x: "% of the inputs, the shortest first", zero: true,
		note: "What is above max_length is cut off, or divided into windows."}.draw(list...)
}
