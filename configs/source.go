package configs

import "github.com/powerbert/powerbert/data"

// Source is where the experiment's examples are.
func (e *Experiment) Source() data.Source {
	d := e.Data
	fold, folds, _ := d.fold()
	return data.Source{Task: d.Task, Dir: d.Dir, Train: string(d.Train), Dev: string(d.Dev), Format: d.Format, Text: d.Text, Label: d.Label,
		Header: d.Header, Delimiter: d.Delimiter, Labels: d.Labels, Words: d.Words, Scores: Correlates(d.Metric), SkipMalformed: d.OnMalformed == SkipMalformed, HeldOut: d.HeldOut, SplitSeed: uint64(d.SplitSeed), Fold: fold, Folds: folds,
		Demo: data.DemoSize{Train: d.Demo.Train, Dev: d.Demo.Dev, Seed: uint64(e.Seed)}}
}
