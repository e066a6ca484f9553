package paper

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/powerbert/powerbert/experiments/look/plots"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/metric"
)

// Cosine is how alike the word-vectors of a sentence are as they leave each encoder
// of stage 1's model (Goyal et al. 2020, figure 2).
type Cosine struct {
	Encoders []Similarity `json:"encoders"`
}

// Similarity is a mean over sentences, each of which is a mean over all pairs of its
// word-vectors.
type Similarity struct {
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"` // standard deviation over the sentences
}

// cosine measures how alike word-vectors are on the dev set of a run directory.
func cosine(ctx context.Context, dir string, o Options) (*Figure, error) {
	r, err := report.OpenFinetuned(dir)
	if err != nil {
		return nil, err
	}
	width := r.Dense.Config.HiddenSize
	sums := make([][3]float64, r.Dense.Config.NumHiddenLayers) // of sentences, similarities and their squares
	o.Log.Info("comparing word-vectors", "examples", len(r.Dev.Encoded))
	err = r.Dense.WordVectors(ctx, r.Dev.Encoded, func(j int, x []float32) {
		if len(x) < 2*width {
			return
		}
		c, s := metric.MeanCosine(x, width), &sums[j]
		s[0], s[1], s[2] = s[0]+1, s[1]+c, s[2]+c*c
	})
	if err != nil {
		return nil, err
	}
	found := &Cosine{}
	for _, s := range sums {
		n := max(s[0], 1)
		mean := s[1] / n
		found.Encoders = append(found.Encoders, Similarity{mean, math.Sqrt(max(s[2]/n-mean*mean, 0))})
	}
	return ofRun(r, found, []string{"it grows with the encoder (BERT-base, SST-2); figure 2 is a curve without printed values"}), nil
}

func (*Cosine) title() string {
	return "mean cosine similarity of the word-vectors of a sentence (figure 2 of the paper)"
}

func (c *Cosine) rows() [][]string {
	rows := [][]string{{"encoder", "mean cosine", "± over sentences"}}
	for j, s := range c.Encoders {
		rows = append(rows, []string{fmt.Sprint(j + 1), fmt.Sprintf("%.4f", s.Mean), fmt.Sprintf("%.4f", s.Deviation)})
	}
	return rows
}

func (*Cosine) notes() []string {
	return []string{"Of all pairs of different word-vectors of a sentence as they leave the encoder, [CLS] and [SEP] among them, " +
		"real tokens only, no padding: mean of a sentence, then mean over the sentences. Stage 1's model, nothing is removed."}
}

func (c *Cosine) panels() ([][]*plot.Plot, error) {
	p := plots.New("Word-vectors of a sentence", "encoder", "mean cosine similarity")
	p.Y.Min, p.Y.Max = 0, 1 // or more, if the points want it
	var points plotter.XYs
	for j, s := range c.Encoders {
		points = append(points, plotter.XY{X: float64(j + 1), Y: s.Mean})
	}
	return [][]*plot.Plot{{p}}, plots.Line(p, 0, "all pairs, stage 1", points)
}
