package compare

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A CrossValidation is what the stages of an experiment come to on each fold.
type CrossValidation struct {
	Metric string       `json:"metric"`
	Stages []FoldsStage `json:"stages"`
	Lacks  []string     `json:"lacks,omitempty"` // run directories of folds that are not complete
}

// A FoldsStage is one stage of them.
type FoldsStage struct {
	Stage string                   `json:"stage"`
	Dev   metric.Spread            `json:"dev"` // the metric on the fold
	Also  map[string]metric.Spread `json:"also,omitempty"`
	Loss  metric.Spread            `json:"loss"`
	Folds []Fold                   `json:"folds"`
}

// A Fold is a stage on one of them.
type Fold struct {
	Fold   string        `json:"fold"` // K/N
	Result rundir.Result `json:"result"`
}

// CrossValidate gathers the run directories of an experiment's folds: the stages that all
// folds have, but the search. Directories that lack stage 1 are listed.
func CrossValidate(dirs []string) (*CrossValidation, error) {
	c := &CrossValidation{}
	for _, stage := range []string{configs.StageFinetune, configs.StageRetrain} {
		s := FoldsStage{Stage: stage}
		for _, dir := range dirs {
			e, err := rundir.ReadExperiment(dir)
			if err != nil {
				return nil, err
			}
			d := rundir.Stage(dir, stage)
			if !d.Complete() {
				if stage == configs.StageFinetune {
					c.Lacks = append(c.Lacks, dir)
				}
				continue
			}
			result, err := d.Result()
			if err != nil {
				return nil, err
			}
			s.Folds = append(s.Folds, Fold{e.Data.Fold, *result})
		}
		if n := len(s.Folds); n > 0 && n == len(dirs)-len(c.Lacks) {
			s.sum()
			c.Metric = cmp.Or(c.Metric, s.Folds[0].Result.Metric)
			c.Stages = append(c.Stages, s)
		}
	}
	return c, nil
}

// sum fills in the spreads over the folds.
func (s *FoldsStage) sum() {
	over := func(figure func(r *rundir.Result) float64) metric.Spread {
		values := make([]float64, len(s.Folds))
		for i := range s.Folds {
			values[i] = figure(&s.Folds[i].Result)
		}
		return metric.SpreadOf(values)
	}
	s.Dev = over(func(r *rundir.Result) float64 { return r.Dev })
	s.Loss = over(func(r *rundir.Result) float64 { return r.Loss })
	for _, name := range s.Folds[0].Result.Also.Names() {
		if s.Also == nil {
			s.Also = map[string]metric.Spread{}
		}
		s.Also[name] = over(func(r *rundir.Result) float64 { return r.Also[name] })
	}
}

// Rows returns the table of a stage, its header first: a row for each fold, and their mean
// ± standard deviation [least–greatest].
func (s *FoldsStage) Rows() [][]string {
	names := s.Folds[0].Result.Also.Names()
	header := []string{s.Stage, "dev " + s.Folds[0].Result.Metric}
	mean := []string{fmt.Sprintf("%d folds", len(s.Folds)), quality(s.Dev)}
	for _, name := range names {
		header, mean = append(header, "dev "+name), append(mean, quality(s.Also[name]))
	}
	rows := [][]string{append(header, "dev loss", "epoch", "run")}
	for _, f := range s.Folds {
		row := []string{f.Fold, fmt.Sprintf("%.4f", f.Result.Dev)}
		for _, name := range names {
			row = append(row, fmt.Sprintf("%.4f", f.Result.Also[name]))
		}
		rows = append(rows, append(row, fmt.Sprintf("%.4f", f.Result.Loss), fmt.Sprint(f.Result.Epoch), f.Result.Dir))
	}
	return append(rows, append(mean, quality(s.Loss), "", ""))
}

// foldKey is the key that sweeps of a cross-validation range over.
const foldKey = "data.fold"

// folds is what data.fold says of a setting: of how many, as "5 folds", "" of none.
func folds(e *configs.Experiment) string {
	if _, n, ok := strings.Cut(e.Data.Fold, "/"); ok {
		return n + " folds"
	}
	return ""
}
