package experiments

import (
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// scored tells whether the run is a regression.
func (r *run) scored() bool { return r.texts.Problem == problem.Regression }

// score is the experiment's metric of predictions, and what is reported with it.
func (r *run) score(examples []data.Encoded, said []infer.Prediction) (value float64, also metric.Scores, err error) {
	if r.scored() {
		return problem.Correlate(r.exp.Data.Metric, scoresOf(said), scores(examples))
	}
	return problem.Score(r.exp.Data.Metric, classesOf(said), labels(examples), len(r.texts.Labels))
}

// compared is the figure by which the dev set's baselines are compared: the accuracy,
// or a regression's metric.
func compared(value float64, also metric.Scores) float64 {
	if accuracy, ok := also["accuracy"]; ok {
		return accuracy
	}
	return value
}

// each is what of says of every element.
func each[E, T any](list []E, of func(E) T) []T {
	out := make([]T, len(list))
	for i, e := range list {
		out[i] = of(e)
	}
	return out
}

func classesOf(said []infer.Prediction) []int {
	return each(said, func(p infer.Prediction) int { return p.Class })
}

func scoresOf(said []infer.Prediction) []float64 {
	return each(said, func(p infer.Prediction) float64 { return p.Score })
}

func labels(examples []data.Encoded) []int {
	return each(examples, func(e data.Encoded) int { return e.Label })
}

func scores(examples []data.Encoded) []float64 {
	return each(examples, func(e data.Encoded) float64 { return e.Score })
}

// baselines score what knows less than a BERT: the guess that all examples have
// the commonest label of training, and the bag of words. Of scores there is no
// such guess: what never varies correlates with nothing.
func (r *run) baselines() ([]Score, error) {
	tok := r.dense.Tokenizer
	train := data.Encode(r.train, tok, r.exp.Data.MaxLength)
	if r.scored() {
		value, _, err := problem.Correlate(r.exp.Data.Metric, bagOfWordsScores(train, r.dev, tok.Size()), scores(r.dev))
		return []Score{{Name: "bag of words", Value: value}}, err
	}
	counts := r.train.Counts()
	commonest := slices.Repeat([]int{slices.Index(counts, slices.Max(counts))}, len(r.dev))
	return []Score{
		{Name: "majority class", Value: metric.Accuracy(commonest, labels(r.dev))},
		{Name: "bag of words", Value: metric.Accuracy(bagOfWords(train, r.dev, tok.Size(), len(counts)), labels(r.dev))},
	}, nil
}
