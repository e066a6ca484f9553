package experiments

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/problem"
)

// A Table is one of the paper's tables of results: what BERT (table 1) or ALBERT
// (table 2) comes to on each task, and PoWER-BERT made of it.
type Table struct {
	Number  int       `json:"table"`
	Rows    []TaskRow `json:"rows"` // in the paper's order of tasks
	Without []Without `json:"without_data"`
	rough   bool      // something else kept the machine busy
	votes   bool      // padding votes in the scores of a model
	other   bool      // a row is of its runs' second dev set
}

// A TaskRow is an experiment of a task: its data as read, and what its runs came to.
// Runs that differ in seed alone share a row.
type TaskRow struct {
	Name            string    `json:"name"` // of the experiment, with what tells it from others of that name
	Task            string    `json:"task"`
	Metric          string    `json:"metric"`
	Classes         int       `json:"classes"` // 0 of a regression
	MaxLength       int       `json:"max_length"`
	PublishedLength int       `json:"published_max_length,omitempty"`
	Train           int       `json:"train"` // examples
	Dev             int       `json:"dev"`
	Published       *tableRow `json:"published,omitempty"`
	Lacks           string    `json:"lacks,omitempty"` // why there is no outcome, and what to do
	*Outcome
	settings map[string]any // in which its runs differ from others
}

// An Outcome is what runs of a task came to. A Spread is over the runs.
type Outcome struct {
	Model    string        `json:"model"`
	Runs     []string      `json:"runs"`
	Seeds    []int         `json:"seeds"`
	Length   float64       `json:"mean_length"` // of the dev set, in word-pieces
	Majority float64       `json:"majority"`    // the metric of the best answer that is the same for all examples
	Signal   bool          `json:"signal"`      // stage 1 beats it by more than chance would
	BERT     metric.Spread `json:"bert"`        // the metric on the dev set, of stage 1
	PoWER    metric.Spread `json:"power"`       // of stage 3
	Padded   Saved         `json:"padded"`      // every input filled up to N, as in the paper
	Unpadded Saved         `json:"unpadded"`    // both without padding
	Timing   []Timing      `json:"timing"`      // of each run
}

// Saved is what PoWER-BERT saves.
type Saved struct {
	Fewer   metric.Spread `json:"fewer_multiply_adds"` // times
	BERTMS  metric.Spread `json:"bert_ms"`             // of a batch
	PoWERMS metric.Spread `json:"power_ms"`
	Faster  metric.Spread `json:"faster"` // times
}

// Without are experiments whose data cannot be read, for one reason.
type Without struct {
	Configs []string `json:"configs"`
	Why     string   `json:"why"`
}

// tableOf makes a table of the paper, by its number.
func tableOf(number int) func(context.Context, string, FigureOptions) (*Figure, error) {
	return func(ctx context.Context, dir string, o FigureOptions) (*Figure, error) {
		t := &Table{Number: number, Rows: []TaskRow{}, Without: []Without{}}
		dirs, err := t.collect(o)
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil { // before anything is measured in vain
			return nil, err
		}
		if err := t.measure(ctx, append(dirs, o.Runs...), o); err != nil {
			return nil, err
		}
		if len(t.Rows) == 0 {
			return nil, rundir.Errorf(dir, "no data of any task of table %d here: %s", number, t.missing())
		}
		t.sort()
		t.nameApart()
		return &Figure{Result: t, Published: t.published(), Differs: t.differs()}, nil
	}
}

// collect looks at the experiments: it returns the run directories that are there and
// adds a row for each that has data and no run.
func (t *Table) collect(o FigureOptions) (dirs []string, err error) {
	list, all := o.Configs, len(o.Configs)+len(o.Runs) == 0
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
		dir := filepath.Join("runs", e.Name)
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
func (t *Table) wants(e *configs.Experiment, dir string) bool {
	_, ok := published[t.Number][e.Data.Task]
	kind := cmp.Or(modelType(filepath.Join(dir, configs.StageFinetune)), modelType(e.Model), e.Encoder.Type)
	return ok && tableNumber(kind) == t.Number
}

// modelType is what the config.json of a model's directory says; "" where there is none,
// as of a model at the hub.
func modelType(dir string) string {
	var c struct {
		ModelType string `json:"model_type"`
	}
	if text, err := os.ReadFile(filepath.Join(dir, "config.json")); dir == "" || err != nil || json.Unmarshal(text, &c) != nil {
		return ""
	}
	return c.ModelType
}

// without adds an experiment whose data cannot be read.
func (t *Table) without(config string, err error) {
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
func (t *Table) lack(e *configs.Experiment, config, why string) {
	train, dev, err := data.Load(e.Source())
	if err != nil {
		t.without(config, err)
		return
	}
	row := t.row(e, train, dev)
	row.Lacks = why
	t.Rows = append(t.Rows, row)
}

// row is that of an experiment, with what its data say.
func (t *Table) row(e *configs.Experiment, train, dev *data.Set) TaskRow {
	row := TaskRow{Name: e.Name, Task: e.Data.Task, Metric: e.Data.Metric, Classes: len(train.Labels), MaxLength: e.Data.MaxLength,
		PublishedLength: publishedLength[e.Data.Task], Train: len(train.Examples), Dev: len(dev.Examples)}
	if train.Problem == problem.Regression {
		row.Classes = 0
	}
	if p, ok := published[t.Number][row.Task]; ok {
		row.Published = &p
	}
	return row
}

// measure adds a row for each group of runs.
func (t *Table) measure(ctx context.Context, dirs []string, o FigureOptions) error {
	if len(dirs) == 0 {
		return ctx.Err()
	}
	c, err := Compare(dirs)
	if err != nil {
		return err
	}
	for _, g := range c.Groups {
		if err := t.add(ctx, &g, o); err != nil {
			return err
		}
	}
	for _, one := range c.Incomplete {
		e, err := rundir.ReadExperiment(one.Dir)
		if err != nil {
			return err
		}
		why := "not complete: lacks " + one.Missing()
		if !one.Trial && one.Lacks != dryRun {
			why += "; `train run " + filepath.Join(one.Dir, "experiment.yaml") + " --out " + one.Dir + "` goes on"
		}
		t.lack(e, one.Dir, why)
	}
	return ctx.Err()
}

// A gathering is what the runs of a group come to on one dev set, run by run.
type gathering struct {
	row              TaskRow
	out              Outcome
	seen             Group
	padded, unpadded timed
	last             run
}

// add adds the row of a group, and one for the second dev set where all its runs have
// scored that.
func (t *Table) add(ctx context.Context, g *Group, o FigureOptions) error {
	var own, other gathering
	for _, one := range g.Runs {
		r, err := openRun(one.Dir)
		if err != nil {
			return err
		}
		if kind := r.dense.Config.ModelType; tableNumber(kind) != t.Number {
			row := t.row(r.exp, r.train, r.texts)
			row.Lacks = "its models are of the kind " + kind + ", which this table is not about"
			t.Rows = append(t.Rows, row)
			return nil
		}
		if err := t.gather(ctx, &own, r, one, o); err != nil {
			return err
		}
		if otherTask[r.exp.Data.Task] == "" || !r.toOtherDevSet(&one) {
			continue
		}
		if err := t.gather(ctx, &other, r, one, o); err != nil {
			return err
		}
	}
	t.Rows = append(t.Rows, own.finish(g))
	if len(other.seen.Runs) == len(g.Runs) {
		t.Rows, t.other = append(t.Rows, other.finish(g)), true
	}
	return nil
}

// gather measures a run of a group.
func (t *Table) gather(ctx context.Context, g *gathering, r *run, one Compared, o FigureOptions) (err error) {
	g.row, g.last, g.seen.Runs = t.row(r.exp, r.train, r.texts), *r, append(g.seen.Runs, one)
	g.out.Runs, g.out.Seeds = append(g.out.Runs, one.Dir), append(g.out.Seeds, one.Seed)
	g.out.Model, g.out.Length = r.modelInWords(), meanLength(r.dev)
	if g.out.Majority, err = r.majority(); err != nil {
		return err
	}
	return t.clock(ctx, r, g, o)
}

// finish is the row.
func (g *gathering) finish(of *Group) TaskRow {
	g.seen.sum()
	g.out.BERT, g.out.PoWER, g.out.Signal = g.seen.BERT, g.seen.PoWER, g.last.signal(g.seen.BERT.Mean, g.out.Majority)
	g.out.Padded, g.out.Unpadded = g.padded.saved(g.seen.FewerPadded), g.unpadded.saved(g.seen.Fewer)
	g.row.Outcome, g.row.settings = &g.out, of.Settings
	return g.row
}

// toOtherDevSet makes of a run, and of its results, those of the task with the other dev
// set; false: the stages did not score that.
func (r *run) toOtherDevSet(c *Compared) bool {
	if r.alsoTexts == nil {
		return false
	}
	bert, ok := c.BERT.Also[r.alsoMetric()]
	power, too := c.PoWER.Also[r.alsoMetric()]
	r.exp.Data.Task, r.texts, r.dev = otherTask[r.exp.Data.Task], r.alsoTexts, r.also
	r.exp.Name += " on " + r.exp.Data.Task
	c.BERT.Dev, c.BERT.MACs = bert, r.macs(r.dense)
	c.PoWER.Dev, c.PoWER.MACs = power, r.macs(r.power)
	return ok && too
}

// macs are a model's on the dev set, counted as the stages do.
func (r *run) macs(m *infer.Model) rundir.MACs {
	return rundir.MACs{Padded: m.Cost(r.dev, r.exp.Data.MaxLength), Real: m.Cost(r.dev, 0)}
}

// timed is the milliseconds of a batch, of each run.
type timed struct{ bert, power, faster []float64 }

func (t *timed) add(bert, power *infer.Timed, batch int) {
	a, b := bert.PerExample.Median, power.PerExample.Median
	t.bert, t.power, t.faster = append(t.bert, a*float64(batch)), append(t.power, b*float64(batch)), append(t.faster, a/b)
}

func (t *timed) saved(fewer metric.Spread) Saved {
	return Saved{fewer, metric.SpreadOf(t.bert), metric.SpreadOf(t.power), metric.SpreadOf(t.faster)}
}

// clock times a batch of the published size through the models of a run, filled up to
// N and not padded.
func (t *Table) clock(ctx context.Context, r *run, g *gathering, o FigureOptions) error {
	n, batch := r.exp.Data.MaxLength, publishedBatch(r.exp.Data.Task)
	ways := []*infer.Timed{{Model: r.dense, PadTo: n}, {Model: r.power, PadTo: n}, {Model: r.dense}, {Model: r.power}}
	o.Log.Info("timing", "run", r.dir)
	timing, err := r.clock(ctx, ways, batch, Options{Examples: batch, Budget: o.Budget, Log: o.Log}.prepare())
	if err != nil {
		return err
	}
	g.padded.add(ways[0], ways[1], timing.Examples)
	g.unpadded.add(ways[2], ways[3], timing.Examples)
	g.out.Timing = append(g.out.Timing, timing)
	t.votes = t.votes || r.power.Config.PowerRetention.PadQueriesVote
	t.rough = t.rough || slices.ContainsFunc(ways, func(w *infer.Timed) bool { return disturbed(w.PerExample) })
	return nil
}

// majority is the experiment's metric of the dev set where every example is given the
// same label: the one for which that metric is best on the training set, which for the
// accuracy is the majority class. Of scores it is 0, for what never varies correlates
// with nothing.
func (r *run) majority() (float64, error) {
	if r.scored() {
		return 0, nil
	}
	of := func(label int, set *data.Set) (float64, error) {
		gold := each(set.Examples, func(e data.Example) int { return e.Label })
		value, _, err := problem.Score(r.exp.Data.Metric, slices.Repeat([]int{label}, len(gold)), gold, len(set.Labels))
		return value, err
	}
	counts := r.train.Counts()
	best := slices.Index(counts, slices.Max(counts)) // of labels that are as good
	most, err := of(best, r.train)
	for label := range counts {
		if value, failed := of(label, r.train); failed == nil && value > most {
			best, most = label, value
		}
	}
	if err != nil {
		return 0, err
	}
	return of(best, r.texts)
}

// nameApart adds to names that several outcomes have what tells these apart: the task and
// the settings in which they differ, or else their runs.
func (t *Table) nameApart() {
	rows := map[string][]int{}
	for i, r := range t.Rows {
		if r.Outcome != nil {
			rows[r.Name] = append(rows[r.Name], i)
		}
	}
	for _, same := range rows {
		if len(same) == 1 {
			continue
		}
		differ := func(of func(r TaskRow) any) bool {
			return slices.ContainsFunc(same, func(i int) bool { return !reflect.DeepEqual(of(t.Rows[i]), of(t.Rows[same[0]])) })
		}
		var parts []func(r TaskRow) string
		if differ(func(r TaskRow) any { return r.Task }) {
			parts = append(parts, func(r TaskRow) string { return r.Task })
		}
		for _, key := range configs.Keys() {
			section, _, _ := strings.Cut(key, ".")
			if section != "data" && differ(func(r TaskRow) any { return r.settings[key] }) {
				parts = append(parts, func(r TaskRow) string { return fmt.Sprintf("%s %v", key, r.settings[key]) })
			}
		}
		if len(parts) == 0 {
			parts = append(parts, func(r TaskRow) string { return strings.Join(r.Runs, " ") })
		}
		for _, i := range same {
			r := &t.Rows[i]
			r.Name += " (" + strings.Join(each(parts, func(part func(TaskRow) string) string { return part(*r) }), ", ") + ")"
		}
	}
}

// signal tells whether the metric is above that of one answer for all of the dev set by
// more than two standard errors, and so hardly by chance. Of choices the answer is no
// better than drawn.
func (r *run) signal(value, constant float64) bool {
	n := float64(len(r.dev))
	if metric := r.exp.Data.Metric; metric == "matthews" || r.scored() {
		return value > constant+2/math.Sqrt(n) // the standard error of a correlation where there is none
	}
	if r.texts.Problem == problem.MultipleChoice {
		constant = max(constant, 1/float64(len(r.texts.Labels)))
	}
	return value > constant+2*math.Sqrt(constant*(1-constant)/n)
}

// sort puts the rows into the paper's order of tasks; other tasks come after them.
func (t *Table) sort() {
	place := func(r TaskRow) int {
		if at := slices.Index(publishedTasks, r.Task); at >= 0 {
			return at
		}
		return len(publishedTasks)
	}
	slices.SortStableFunc(t.Rows, func(a, b TaskRow) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Name, b.Name))
	})
}
