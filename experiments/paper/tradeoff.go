package paper

import (
	"crypto/sha256"
	"reflect"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A TradeOff is what a model reaches and costs.
type TradeOff struct {
	Kind     string  `json:"kind"` // "BERT", "PoWER-BERT", "distilbert" or "pkd"
	Dir      string  `json:"dir"`
	Encoders int     `json:"encoders"`
	Seed     int     `json:"seed"`
	Lambda   float64 `json:"lambda,omitempty"`       // of a search
	Budget   float64 `json:"budget,omitempty"`       // share of dense BERT's multiply-adds that it was made for; 0: none was asked
	Budgets  int     `json:"budgets,omitempty"`      // how many its weights serve; 0: one list
	Strategy string  `json:"strategy,omitempty"`     // of PoWER-BERT: which word-vectors are kept
	Score    string  `json:"score,omitempty"`        // of PoWER-BERT: by which word-vectors are significant
	Soft     float64 `json:"distil_alpha,omitempty"` // of PoWER-BERT: the share of soft targets in its loss
	CLS      float64 `json:"distil_cls,omitempty"`   // of PoWER-BERT: the weight of the teacher's [CLS] states
	Dev      float64 `json:"dev"`
	Unpadded Cost    `json:"unpadded"`
	Padded   Cost    `json:"padded"` // to N, as in the paper
	// Best tells that no other model is as good for fewer multiply-adds, unpadded.
	Best    bool `json:"pareto_optimal"`
	model   *infer.Model
	weights [sha256.Size]byte // of their file
}

// Cost is what an example costs.
type Cost struct {
	MACs         float64      `json:"multiply_adds"` // of the encoders, as executed
	Milliseconds metric.Range `json:"milliseconds"`
}

// kinds are those of models, in the order in which they are shown.
var kinds = []string{"BERT", "PoWER-BERT", configs.MethodDistilBERT, configs.MethodPKD}

// tradeOffs lists the models that are complete in a run directory, not opened yet: stage 1
// if it is its own, stage 3 and the students. Their data must be those of r.
func tradeOffs(r *report.Run, dir string) (list []TradeOff, err error) {
	exp, err := rundir.ReadExperiment(dir)
	if err != nil {
		return nil, err
	}
	if err := sameExamples(r, exp, dir); err != nil {
		return nil, err
	}
	if s := rundir.Stage(dir, configs.StageFinetune); s.Complete() {
		list = append(list, TradeOff{Kind: kinds[0], Dir: string(s)})
	}
	if s := rundir.Stage(dir, configs.StageRetrain); s.Complete() {
		t := TradeOff{Kind: kinds[1], Dir: string(s), Strategy: exp.Retrain.Strategy, Score: exp.Retrain.Score,
			Soft: exp.Retrain.Distil.Alpha, CLS: exp.Retrain.Distil.CLS, Budget: exp.Search.Target}
		if exp.Searches() { // else no λ has led to it
			found, err := rundir.ReadRetention(dir)
			if err != nil {
				return nil, err
			}
			t.Lambda = found.Lambda
		}
		list = append(list, t)
	}
	for _, name := range rundir.Students(dir) {
		if s := rundir.Stage(dir, name); s.Complete() {
			method, _, _ := configs.ParseStudent(name)
			list = append(list, TradeOff{Kind: method, Dir: string(s)})
		}
	}
	for i := range list {
		list[i].Seed = exp.Seed
		if list[i].weights, err = model.WeightsDigest(list[i].Dir); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// sameExamples refuses the run of a directory whose examples are others than those of r.
func sameExamples(r *report.Run, exp *configs.Experiment, dir string) error {
	if !reflect.DeepEqual(exp.Data, r.Experiment.Data) {
		return rundir.Errorf(dir, "the section data of its experiment is not that of %s, so their figures cannot be compared", r.Dir)
	}
	if exp.Data.Task == data.TaskDemo && exp.Seed != r.Experiment.Seed {
		return rundir.Errorf(dir, "the demo task makes its data from the seed, and %d is not that of %s (%d), so their figures cannot be compared",
			exp.Seed, r.Dir, r.Experiment.Seed)
	}
	return nil
}

// open opens the model, which must read the dev set as r does.
func (t *TradeOff) open(r *report.Run) (err error) {
	if t.Dir == string(rundir.Stage(r.Dir, configs.StageFinetune)) {
		t.model = r.Dense
		return nil
	}
	n := r.Experiment.Data.MaxLength
	if t.model, err = infer.Open(t.Dir, n); err != nil {
		return err
	}
	if data.Fingerprint(data.EncodeAs(r.Dev.Set, t.model.Tokenizer, n, t.model.Config.Window)) != data.Fingerprint(r.Dev.Encoded) {
		return rundir.Errorf(t.Dir, "its tokenizer makes other word-pieces of the dev set than that of %s, so their figures cannot be compared", r.Dir)
	}
	return nil
}

// atBudgets is a model at each of the budgets that it serves; itself, where it has one list.
func (t *TradeOff) atBudgets() (list []TradeOff, err error) {
	family := t.model.Config.Budgets
	if len(family) == 0 {
		return []TradeOff{*t}, nil
	}
	for _, b := range family {
		at := *t
		at.Budget, at.Budgets = b.Share, len(family)
		if at.model, err = t.model.At(b.Share); err != nil {
			return nil, err
		}
		list = append(list, at)
	}
	return list, nil
}

// copies tells whether two models are the same: a trial that was taken over is in two
// places, and so is a stage 1 that runs share.
func (t TradeOff) copies(other TradeOff) bool {
	return t.Kind == other.Kind && t.weights == other.weights
}
