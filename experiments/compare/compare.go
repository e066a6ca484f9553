// Package compare puts many runs into one table: their settings, what their stages came
// to, and the spread over seeds. It reads what the stages recorded and opens no model.
package compare

import (
	"cmp"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A Comparison is a table of runs. Those that differ in nothing but chance are a
// group, in one row: in seed, in workers, which change what dropout draws, and in the fold
// of a cross-validation. A run that repeats another one's draws tells nothing of their
// spread, and has a row of its own, and folds share none with runs that were scored on a
// dev set or on folds of another number, which is then what data.fold has in the table.
type Comparison struct {
	Keys       []string     `json:"keys"` // in which the runs differ, but for these three
	Groups     []Group      `json:"groups"`
	Incomplete []Incomplete `json:"incomplete"`
}

// A Group is runs of one setting: what their figures come to, over the seeds.
type Group struct {
	Settings    map[string]any `json:"settings"` // by Comparison.Keys
	Metric      string         `json:"metric"`
	BERT        metric.Spread  `json:"bert"`                // the metric on the dev set, of stage 1
	PoWER       metric.Spread  `json:"power"`               // of stage 3
	MACs        metric.Spread  `json:"multiply_adds"`       // of stage 3 per dev example, not padded
	PaddedMACs  metric.Spread  `json:"padded"`              // padded to N
	Fewer       metric.Spread  `json:"fewer_multiply_adds"` // times, stage 3 against stage 1, neither padded
	FewerPadded metric.Spread  `json:"fewer_padded"`        // both padded
	Runs        []Run          `json:"runs"`
}

// A Run is one run of a comparison.
type Run struct {
	Dir     string        `json:"dir"`
	Seed    int           `json:"seed"`
	BERT    rundir.Result `json:"finetune"`
	PoWER   rundir.Result `json:"retrain"`
	workers int
	fold    string
}

// Incomplete is a run without figures: it lacks a stage.
type Incomplete struct {
	Dir      string         `json:"dir"`
	Settings map[string]any `json:"settings"` // by Comparison.Keys
	Seed     int            `json:"seed"`
	Lacks    string         `json:"lacks"` // the first stage that is not complete, or DryRun
	Trial    bool           `json:"trial"` // of another run, whose stage 1 it shares
}

// Runs gathers run directories. One that is none gives a *rundir.StateError,
// and so does one that is given twice; a run that is not complete is listed.
func Runs(dirs []string) (*Comparison, error) {
	list := make([]*configs.Experiment, len(dirs))
	for i, dir := range dirs {
		if slices.ContainsFunc(dirs[:i], func(d string) bool { return filepath.Clean(d) == filepath.Clean(dir) }) {
			return nil, rundir.Errorf(dir, "is given twice, want each run once")
		}
		var err error
		if list[i], err = rundir.ReadExperiment(dir); err != nil {
			return nil, err
		}
	}
	keys, settings := settle(list)
	c := &Comparison{Keys: keys, Groups: []Group{}, Incomplete: []Incomplete{}}
	for i, dir := range dirs {
		r := Run{Dir: dir, Seed: list[i].Seed, workers: list[i].Workers, fold: list[i].Data.Fold}
		switch lacks, err := r.read(list[i]); {
		case err != nil:
			return nil, err
		case lacks != "":
			c.Incomplete = append(c.Incomplete, Incomplete{dir, settings[i], r.Seed, lacks, rundir.IsTrial(dir)})
		default:
			c.add(r, settings[i])
		}
	}
	for i := range c.Groups {
		c.Groups[i].Sum()
	}
	return c, nil
}

// add puts a run into the group of its settings.
func (c *Comparison) add(r Run, settings map[string]any) {
	at := slices.IndexFunc(c.Groups, func(g Group) bool {
		return reflect.DeepEqual(g.Settings, settings) && !slices.ContainsFunc(g.Runs, r.repeats)
	})
	if at < 0 {
		at = len(c.Groups)
		c.Groups = append(c.Groups, Group{Settings: settings, Metric: r.PoWER.Metric})
	}
	c.Groups[at].Runs = append(c.Groups[at].Runs, r)
}

// repeats tells whether two runs of one setting draw alike.
func (r Run) repeats(other Run) bool {
	return r.Seed == other.Seed && r.workers == other.workers && r.fold == other.fold
}

// chance are the keys in which runs of one setting may differ.
var chance = []string{"seed", "workers", foldKey}

// settle lists the keys, but for those of chance, that have a say in the three stages
// and in which experiments differ, in the order of the schema, and the values of each;
// data.fold is among them where the number of folds is not the same.
func settle(list []*configs.Experiment) (keys []string, settings []map[string]any) {
	first := map[string]any{}
	settings = make([]map[string]any, len(list))
	for i, e := range list {
		settings[i] = map[string]any{}
		for _, d := range configs.Diff(list[0], e) {
			if !slices.Contains(chance, d.Key) && d.Affects(configs.StageRetrain) {
				settings[i][d.Key], first[d.Key] = d.Now, d.Was
			}
		}
		if was, now := folds(list[0]), folds(e); now != was {
			settings[i][foldKey], first[foldKey] = now, was
		}
	}
	keys = []string{}
	for _, key := range configs.Keys() {
		if _, differs := first[key]; differs {
			keys = append(keys, key)
		}
	}
	for key, value := range first {
		for _, s := range settings {
			if _, differs := s[key]; !differs {
				s[key] = value
			}
		}
	}
	return keys, settings
}

// read reads the results of a run, or tells what it lacks.
func (r *Run) read(e *configs.Experiment) (lacks string, err error) {
	first := rundir.FirstStage(r.Dir)
	for _, name := range e.Stages() {
		stage := rundir.Stage(r.Dir, name)
		if name == configs.StageFinetune {
			stage = first
		}
		if !stage.Complete() {
			return name, nil
		}
	}
	bert, err := first.Result()
	power, also := rundir.ReadResult(r.Dir, configs.StageRetrain)
	if err = cmp.Or(err, also); err != nil {
		return "", err
	}
	if bert.MaxSteps+power.MaxSteps > 0 {
		return DryRun, nil
	}
	r.BERT, r.PoWER = *bert, *power
	return "", nil
}

// DryRun is what a run lacks whose stages stopped after some steps.
const DryRun = "all but a dry run"

// Missing says what an incomplete run lacks.
func (i *Incomplete) Missing() string {
	if i.Trial && i.Lacks == configs.StageRetrain {
		return i.Lacks + ", which no trial for a speed-up has"
	}
	return i.Lacks
}

// Sum fills in the figures of the group's runs.
func (g *Group) Sum() {
	over := func(figure func(r Run) float64) metric.Spread {
		values := make([]float64, len(g.Runs))
		for i, r := range g.Runs {
			values[i] = figure(r)
		}
		return metric.SpreadOf(values)
	}
	g.BERT = over(func(r Run) float64 { return r.BERT.Dev })
	g.PoWER = over(func(r Run) float64 { return r.PoWER.Dev })
	g.MACs = over(func(r Run) float64 { return r.PoWER.MACs.Real })
	g.PaddedMACs = over(func(r Run) float64 { return r.PoWER.MACs.Padded })
	g.Fewer = over(func(r Run) float64 { return r.BERT.MACs.Real / r.PoWER.MACs.Real })
	g.FewerPadded = over(func(r Run) float64 { return r.BERT.MACs.Padded / r.PoWER.MACs.Padded })
}
