package main

import (
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/problem"
)

// The rows that no encoder makes.
const (
	majority = "majority class"
	ngrams   = "bag of n-grams"
)

// baselines makes the rows of what knows less than an encoder: one answer for all, the
// commonest label of training, and the bag of n-grams that is best on the rows that choose.
func (t *trial) baselines() error {
	if t.row(ngrams, 0) != nil {
		return nil
	}
	m, err := infer.Open(string(rundir.Stage(t.dir, configs.StageFinetune)), t.exp.Data.MaxLength)
	if err != nil {
		return err
	}
	var sets [3][]data.Encoded
	for i, set := range []*data.Set{t.sets.Train, t.sets.HeldOut, t.sets.Dev} {
		sets[i] = data.Encode(set, m.Tokenizer, t.exp.Data.MaxLength)
	}
	train, held, dev := sets[0], sets[1], sets[2]
	if kind := t.sets.Train.Problem; kind.Labelled() {
		if err := t.answer(held, dev, commonest(t.sets.Train)); err != nil {
			return err
		}
	}
	subject := report.Subject{Kind: t.sets.Train.Problem, Labels: t.sets.Train.Labels, Metric: t.Metric}
	best, err := report.NGrams(subject, m.Tokenizer.Size(), m.Config.Outputs(), train, held, dev)
	if err != nil {
		return err
	}
	row := Row{Name: ngrams, HeldOut: best.HeldOut, Said: said(best.Dev)}
	if row.Dev, _, err = best.Dev.Score(t.Metric); err != nil {
		return err
	}
	return t.keep(&row)
}

// commonest is the label that most examples of a set have.
func commonest(set *data.Set) int {
	counts := set.Counts()
	return slices.Index(counts, slices.Max(counts))
}

// answer makes the row of one label for all.
func (t *trial) answer(held, dev []data.Encoded, label int) error {
	scored := func(set []data.Encoded) float64 {
		gold := make([]int, len(set))
		for i := range gold {
			gold[i] = set[i].Label
		}
		v, _ := problem.OfClasses(t.Metric, slices.Repeat([]int{label}, len(gold)), gold, len(t.sets.Train.Labels))
		return v
	}
	return t.keep(&Row{Name: majority, HeldOut: scored(held), Dev: scored(dev), Said: slices.Repeat([]float64{float64(label)}, len(dev))})
}
