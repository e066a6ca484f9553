package report

import (
	"github.com/powerbert/powerbert/data"
)

// baselines are the named metric of what knows less than a BERT: the guess that all
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
	train := data.Encode(r.Train, r.Dense.Tokenizer, r.Experiment.Data.MaxLength)
	b := newBag(r.Dense.Tokenizer.Size(), r.Dense.Config.Outputs())
	best, err := b.learn(r.Train.Problem, name, train, r.Dev.Encoded)
	return append(list, Score{Name: "bag of words", Value: best}), err
}
