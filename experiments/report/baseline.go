package report

import (
	"cmp"
)

// baselines scores what knows less than a BERT, by the named metric: the guess that all
// examples have the commonest label of training, where there are labels, and the bag of
// words.
func baselines(r *Run, name string) (list []Score, err error) {
	constant, ok, err := r.Constant(name)
	if err != nil {
		return nil, err
	}
	if ok {
		list = append(list, Score{Name: "majority class", Value: constant})
	}
	train := r.encode(r.Train).Encoded
	b := newBag(r.Dense.Tokenizer.Size(), r.Dense.Config.Outputs())
	best, err := b.learn(subject{r.Train.Problem, r.Train.Labels}, name, train, cmp.Or(r.HeldOut, r.Dev).Encoded, r.Dev.Encoded)
	return append(list, Score{Name: "bag of words", Value: best}), err
}
