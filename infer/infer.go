package infer

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
)

// Model is a trained classifier from a stage's directory. Its word-vectors are
// eliminated as its config.json says. It is safe for concurrent use.
type Model struct {
	Config    arch.Config
	Tokenizer tokenizer.Tokenizer
	maxLength int
	budget    float64 // that At took; 0: the largest, or none
	base      *Model  // whose networks it uses, of other budgets; nil: its own
	drop      model.Drop
	weights   *model.Frozen[float32]
	nets      sync.Pool
}

// Open loads the model of a directory with config.json, weights, of float32 or int8, and
// vocabulary. Texts are cut to maxLength tokens; 0 takes as many as the model's positions, or
// as the windows of one that divides long texts, or as sentence-transformers says of it.
func Open(dir string, maxLength int) (*Model, error) {
	config, weights, err := model.LoadFrozen(dir)
	if err != nil {
		return nil, err
	}
	return open(dir, maxLength, config, weights)
}

// open makes a model of weights and the tokenizer of their directory.
func open(dir string, maxLength int, config arch.Config, weights *model.Frozen[float32]) (*Model, error) {
	tok, err := tokenizerOf(dir, &config)
	if err != nil {
		return nil, err
	}
	if w := config.Window; w != nil {
		maxLength = cmp.Or(maxLength, w.MaxLength)
	}
	meant, err := model.MeantLength(dir, &config)
	if err != nil {
		return nil, err
	}
	return &Model{Config: config, Tokenizer: tok, maxLength: cmp.Or(maxLength, meant, config.Longest()), weights: weights}, nil
}

// tokenizerOf reads a directory's tokenizer, which must fit its model.
func tokenizerOf(dir string, c *arch.Config) (tokenizer.Tokenizer, error) {
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return nil, err
	}
	if err := tokenizer.Fits(tok, c.VocabSize); err != nil {
		return nil, &model.Error{Path: dir, Err: err}
	}
	return tok, nil
}

// A Prediction is what a model says of one example.
type Prediction = problem.Prediction

// Encode turns a text, or with paired two, or the options of a question, into what
// Predict takes, cut to the model's length, or a text divided into windows of it where the
// model joins them.
func (m *Model) Encode(e data.Example, paired bool) data.Encoded {
	return e.EncodeAs(paired, m.Tokenizer, m.maxLength, m.Config.Window)
}

// Scores tells whether the model is a regression: its predictions have a Score alone.
func (m *Model) Scores() bool { return !m.Config.Problem().Labelled() }

// MultiLabel tells whether each label is told by itself, so that a text may have several of
// them, or none.
func (m *Model) MultiLabel() bool { return m.Config.Problem().Several() }

// Chooses tells whether the model chooses among the options of a question, which are
// the data.Encoded.Choices of an example.
func (m *Model) Chooses() bool { return m.Config.Problem().Chosen() }

// TakesPairs tells whether the model reads two texts as two.
func (m *Model) TakesPairs() bool { return m.Config.TakesPairs(tokenizer.Types(m.Tokenizer)) }

// WantsPairs tells whether the model was trained on pairs of texts, so that what it says of
// one text means nothing.
func (m *Model) WantsPairs() bool { return m.Config.Pairs }

// errSingle is of a text without a second one.
var errSingle = errors.New("infer: the model was trained on pairs of texts: give it two of each, by Predict of what Encode makes of a data.Example with Pair")

// MaxLength is how many tokens texts are cut to.
func (m *Model) MaxLength() int { return m.maxLength }

// Classify predicts the class of each text, in order. It uses the cores that no
// other call does. Single texts are an error where the model was trained on pairs.
func (m *Model) Classify(texts []string) ([]Prediction, error) {
	if m.WantsPairs() {
		return nil, errSingle
	}
	set := &data.Set{}
	for _, t := range texts {
		set.Examples = append(set.Examples, data.Example{Text: t})
	}
	return m.Predict(data.EncodeAs(set, m.Tokenizer, m.maxLength, m.Config.Window))
}

// Predict is Classify of texts that are encoded already.
func (m *Model) Predict(examples []data.Encoded) ([]Prediction, error) {
	p, err := m.Run(context.Background(), examples, 0, 1)
	if err != nil {
		return nil, err
	}
	return p.Predictions, nil
}

// net is a network of its own for the caller, who puts it back.
func (m *Model) net() (*model.Net[float32], error) {
	if n, ok := m.pool().Get().(*model.Net[float32]); ok {
		return n, m.retain(n)
	}
	return model.NewNet(m.Config, m.weights, nil, model.Use{Elimination: m.Config.Elimination(), Drop: m.drop})
}

// forward runs a network on examples, each padded to padTo rows; 0 pads none.
func (m *Model) forward(n *model.Net[float32], examples []data.Encoded, padTo int) error {
	predict.Fill(n.Batch, examples, predict.Between(0, len(examples)), m.rows(padTo))
	return n.Forward()
}

// rows is how far examples are padded that the caller wants padded to padTo.
func (m *Model) rows(padTo int) int {
	if r := m.Config.PowerRetention; r != nil && r.PadQueriesVote {
		return max(padTo, r.MaxLength)
	}
	return padTo
}

// errNotFinite is of finite weights: Open refuses others.
var errNotFinite = errors.New("infer: the logits are NaN or infinite: the model's weights are too large for float32, its training diverged")

// predict makes predictions of the logits of examples, at the model's temperature.
func (m *Model) predict(logits [][]float32) ([]Prediction, error) {
	labels, kind, thresholds := m.Config.Labels(), m.Config.Problem(), m.Config.SaidFrom()
	list := make([]Prediction, len(logits))
	for i, row := range logits {
		if kernel.NotFinite(row) {
			return nil, errNotFinite
		}
		list[i] = kind.Decide(labels, thresholds, row)
	}
	return list, nil
}
