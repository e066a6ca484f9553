package paper

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// tableOf makes a table of the paper, by its number.
func tableOf(number int) func(context.Context, string, Options) (*Figure, error) {
	return func(ctx context.Context, dir string, o Options) (*Figure, error) {
		t := &tableMaker{&Table{Number: number, Rows: []TaskRow{}, Without: []Without{}}, o}
		dirs, err := t.collect()
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil { // before anything is measured in vain
			return nil, err
		}
		if err := t.measure(ctx, append(dirs, o.Runs...)); err != nil {
			return nil, err
		}
		if len(t.Rows) == 0 {
			return nil, rundir.Errorf(dir, "no data of any task of table %d here: %s", number, t.missing())
		}
		t.sort()
		t.nameApart()
		return &Figure{Result: t.Table, Published: t.published(), Differs: t.differs()}, nil
	}
}

// A tableMaker fills a table.
type tableMaker struct {
	*Table
	Options
}

// collect looks at the experiments: it returns the run directories that are there and
// adds a row for each that has data and no run.
func (t *tableMaker) collect() (dirs []string, err error) {
	list, all := t.Configs, len(t.Configs)+len(t.Runs) == 0
	if all {
		list = configs.Recipes()
	}
	for _, config := range list {
		e, err := configs.Load(config, nil)
		if err != nil && !all {
			return nil, err
		}
		if err != nil {
			t.without(config, err)
			continue
		}
		dir := rundir.Default(e.Name)
		if all && !t.wants(e, dir) {
			continue
		}
		if _, none := rundir.ReadExperiment(dir); none == nil {
			dirs = append(dirs, dir)
			continue
		}
		t.lack(e, config, "`train run "+config+"` makes it")
	}
	return dirs, nil
}

// wants tells whether a recipe is of the table: by the model of its run directory dir,
// else by the model that it starts from.
func (t *tableMaker) wants(e *configs.Experiment, dir string) bool {
	_, ok := published[t.Number][e.Data.Task]
	kind := cmp.Or(model.TypeOf(string(rundir.Stage(dir, configs.StageFinetune))), model.TypeOf(e.Model), e.Encoder.Type)
	return ok && tableNumber(kind) == t.Number
}

// without adds an experiment whose data cannot be read.
func (t *tableMaker) without(config string, err error) {
	why := err.Error()
	if wrong := new(configs.Error); errors.As(err, &wrong) {
		why = strings.Join(each(wrong.Problems, func(p configs.Problem) string { return p.Text }), "; ")
	}
	for i, w := range t.Without {
		if w.Why == why {
			t.Without[i].Configs = append(w.Configs, config)
			return
		}
	}
	t.Without = append(t.Without, Without{[]string{config}, why})
}

// missing says of the experiments without data what is wrong.
func (t *Table) missing() string {
	return strings.Join(each(t.Without, func(w Without) string { return strings.Join(w.Configs, ", ") + ": " + w.Why }), "; ")
}

// lack adds an experiment that has no outcome.
func (t *tableMaker) lack(e *configs.Experiment, config, why string) {
	sets, err := data.Load(e.Source())
	if err != nil {
		t.without(config, err)
		return
	}
	row := t.row(e, sets.Train, sets.Dev)
	row.Lacks = why
	t.Rows = append(t.Rows, row)
}

// row makes the row of an experiment, with what its data say.
func (t *Table) row(e *configs.Experiment, train, dev *data.Set) TaskRow {
	row := TaskRow{Name: e.Name, Task: e.Data.Task, Metric: e.Data.Metric, Classes: train.Problem.Classes(train.Labels), MaxLength: e.Data.MaxLength,
		PublishedLength: publishedLength[e.Data.Task], Train: len(train.Examples), Dev: len(dev.Examples)}
	if p, ok := published[t.Number][row.Task]; ok {
		row.Published = &p
	}
	return row
}
