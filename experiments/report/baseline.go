package report

import "cmp"

// baselines scores what knows less than a BERT, by the named metric: the guess that all
// examples have the commonest label of training, where there are labels, and the bag of
// n-grams.
func baselines(r *Run, name string) (list []Score, err error) {
	constant, ok, err := r.Constant(name)
	if err != nil {
		return nil, err
	}
	if ok {
		list = append(list, Score{Name: "majority class", Value: constant})
	}
	subject := Subject{Kind: r.Train.Problem, Labels: r.Train.Labels, Metric: name}
	best, err := NGrams(subject, r.Dense.Tokenizer.Size(), r.Dense.Config.Outputs(), r.encode(r.Train).Encoded, cmp.Or(r.HeldOut, r.Dev).Encoded, r.Dev.Encoded)
	if err != nil {
		return nil, err
	}
	value, _, err := best.Dev.Score(name)
	return append(list, Score{Name: "bag of n-grams", Value: value}), err
}
