package infer

import (
	"cmp"
	"sync"

	"github.com/powerbert/powerbert/model"
)

// At returns the model at a budget, a share of dense BERT's multiply-adds: with the same
// weights and networks, it keeps what the largest of its budgets keeps that is no more than share. It
// reports an error, which lists the budgets, where there is none, or where the model was
// trained for one configuration alone (retrain.budgets).
func (m *Model) At(share float64) (*Model, error) {
	c := m.Config.Clone()
	b, err := c.Within(share)
	if err != nil {
		return nil, err
	}
	return &Model{Config: c, Tokenizer: m.Tokenizer, maxLength: m.maxLength, budget: b.Share, base: cmp.Or(m.base, m), drop: m.drop, weights: m.weights}, nil
}

// Budget is the budget that the model runs at, the largest where At chose none; 0 of a model
// of one configuration.
func (m *Model) Budget() float64 {
	if m.budget == 0 && len(m.Config.Budgets) > 0 {
		return m.Config.Budgets[0].Share
	}
	return m.budget
}

// pool is the networks that nobody uses.
func (m *Model) pool() *sync.Pool { return &cmp.Or(m.base, m).nets }

// retain has a network of the pool, which may have run at another budget, keep what the model
// keeps.
func (m *Model) retain(n *model.Net[float32]) error {
	if len(m.Config.Budgets) == 0 {
		return nil
	}
	return n.Retain(m.Config.PowerRetention.Keep)
}
