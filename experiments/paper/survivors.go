package paper

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/powerbert/powerbert/experiments/look"
	"github.com/powerbert/powerbert/experiments/look/plots"
	"github.com/powerbert/powerbert/experiments/report"
)

// Survivors are words of some dev examples with the encoders of stage 3's model that
// they outlive.
type Survivors struct {
	Encoders  int               `json:"encoders"`
	ReadsMean bool              `json:"reads_mean,omitempty"` // as in report.Summary
	Sentences []report.Sentence `json:"sentences"`
}

// drawnWords is how many words of a sentence a picture has room for.
const drawnWords = 60

// survivors follows the words of the examples that a report shows.
func survivors(ctx context.Context, dir string, o Options) (*Figure, error) {
	r, err := report.Open(dir)
	if err != nil {
		return nil, err
	}
	o.Log.Info("following word-vectors", "examples", len(r.Dev.Encoded))
	pass, err := r.Power.Run(ctx, r.Dev.Encoded, 0, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	s := &Survivors{Encoders: r.Power.Config.NumHiddenLayers, ReadsMean: r.Power.Config.Net().Head.Mean}
	if s.Sentences, err = report.Sentences(r.Power, r.Dev, &pass.Outputs); err != nil {
		return nil, err
	}
	return ofRun(r, s, []string{"nothing that can be set beside these: the paper's examples are of its own model"}), nil
}

func (*Survivors) title() string { return "words that outlive each encoder of PoWER-BERT" }

func (s *Survivors) rows() [][]string {
	rows := [][]string{{"word", "outlives", fmt.Sprintf("of %d encoders", s.Encoders)}}
	for _, sentence := range s.Sentences {
		rows = append(rows, nil, []string{verdict(&sentence)})
		for _, w := range sentence.Words {
			rows = append(rows, []string{"  " + w.Text, fmt.Sprint(w.Survives),
				strings.Repeat("█", w.Survives) + strings.Repeat("·", s.Encoders-w.Survives)})
		}
	}
	return rows
}

// verdict writes what the model says of a sentence, beside the truth.
func verdict(s *report.Sentence) string { return fmt.Sprintf("%s, predicted %s", s.Gold, s.Predicted) }

func (s *Survivors) notes() []string {
	note := "Stage 3's model on dev examples from short to long. A word of several pieces lives as long as the longest of them."
	if !s.ReadsMean {
		note += fmt.Sprintf(" The last encoder is computed for [CLS] alone, so no other word outlives more than %d.", s.Encoders-1)
	}
	return []string{note}
}

// panels draws a bar per word, a panel per sentence, two in a row.
func (s *Survivors) panels() ([][]*plot.Plot, error) {
	panels := make([][]*plot.Plot, (len(s.Sentences)+1)/2)
	for i := range panels {
		panels[i] = make([]*plot.Plot, 2)
	}
	for i := range s.Sentences {
		p, err := s.panel(&s.Sentences[i])
		if err != nil {
			return nil, err
		}
		panels[i/2][i%2] = p
	}
	return panels, nil
}

func (s *Survivors) panel(sentence *report.Sentence) (*plot.Plot, error) {
	words, title := sentence.Words, verdict(sentence)
	if len(words) > drawnWords {
		title = fmt.Sprintf("%s (the first %d of %d words)", title, drawnWords, len(words))
		words = words[:drawnWords]
	}
	var heights plotter.Values
	var names []string
	for _, w := range words {
		heights, names = append(heights, float64(w.Survives)), append(names, w.Text)
	}
	room := (panelWidth - 2*vg.Centimeter) / vg.Length(len(words)+1) // of a word
	bars, err := plotter.NewBarChart(heights, 0.7*room)
	if err != nil {
		return nil, err
	}
	bars.Color, bars.LineStyle.Width = look.Color(1), 0
	p := plots.New(title, "", "encoders that it outlives")
	p.Add(bars)
	p.NominalX(names...)
	label := &p.X.Tick.Label
	label.Font.Size = min(label.Font.Size, 0.95*room)
	hang(p, math.Pi/2)
	p.Y.Min, p.Y.Max = 0, float64(s.Encoders)
	return p, nil
}
