package experiments

import (
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
)

// value is the experiment's metric of predictions on the dev set.
func (r *run) value(pred []int) float64 {
	gold := labels(r.dev)
	switch r.exp.Data.Metric {
	case "f1":
		return metric.F1(pred, gold)
	case "macro_f1":
		return metric.MacroF1(pred, gold, len(r.texts.Labels))
	case "matthews":
		return metric.Matthews(pred, gold)
	}
	return metric.Accuracy(pred, gold)
}

// accuracy of predictions on the dev set.
func (r *run) accuracy(pred []int) float64 {
	return metric.Accuracy(pred, labels(r.dev))
}

func labels(examples []data.Encoded) []int {
	list := make([]int, len(examples))
	for i, e := range examples {
		list[i] = e.Label
	}
	return list
}

// baselines score what knows less than a BERT: the guess that all examples have
// the commonest label of training, and the bag of words.
func (r *run) baselines() []Score {
	counts := r.train.Counts()
	commonest := slices.Repeat([]int{slices.Index(counts, slices.Max(counts))}, len(r.dev))
	tok := r.dense.Tokenizer
	train := data.Encode(r.train, tok, r.exp.Data.MaxLength)
	return []Score{
		{Name: "majority class", Accuracy: r.accuracy(commonest)},
		{Name: "bag of words", Accuracy: r.accuracy(BagOfWords(train, r.dev, tok.Size(), len(counts)))},
	}
}
