package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// trialsDir is the folder of a run directory with the trials of SearchFor and
// TryLambda, and trials.json.
const trialsDir = "trials"

// lambdaTrial begins the name of the trial of a λ.
const lambdaTrial = "lambda-"

// Trials is what SearchFor found: trials.json.
type Trials struct {
	Goal    Goal      `json:"goal"`
	Metric  string    `json:"metric"`
	Dev     float64   `json:"dev"` // stage 1's
	Trials  []*Trial  `json:"trials"`
	Chosen  *Trial    `json:"chosen"` // the nearest where the goal was not reached
	Reached bool      `json:"reached"`
	Verdict string    `json:"verdict"` // in words
	Results []*Result `json:"-"`       // of the chosen trial's stages, in the run directory
}

// A budget is a search for λ in a run directory.
type budget struct {
	*run
	task   *task
	config arch.Config // of stage 1
	dense  MACs        // of BERT
	found  Trials
}

// SearchFor runs stage 2 for a goal instead of a λ: it tries one λ after another,
// each in a run directory of its own that shares stage 1, and takes the search (and
// for a drop the retraining, too) of the chosen trial over into the run directory.
// A trial that is complete is not run again, and one that was interrupted goes on:
// the same call continues. Where no trial reaches the goal, the run directory keeps
// what it had.
func SearchFor(ctx context.Context, e *configs.Experiment, o Options, g Goal) (*Trials, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	if len(e.Retrain.Retention) > 0 {
		return nil, noSearch(e)
	}
	b := &budget{run: &run{Options: o.prepare(e), exp: e}, found: Trials{Goal: g}}
	if err := b.allowed(); err != nil {
		return nil, err
	}
	unlock, err := b.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	// Once more, for another process may have been here since.
	if err := b.allowed(); err != nil {
		return nil, err
	}
	if err := b.read(ctx); err != nil {
		return nil, err
	}
	for {
		lambda, more := g.next(e.Search.Lambda, b.found.Trials)
		if !more || len(b.found.Trials) == g.Trials {
			return &b.found, b.settle(more)
		}
		if err := b.try(ctx, lambda); err != nil {
			return nil, err
		}
	}
}

// allowed looks at the run directory. A search in it must be a trial's, which is kept
// elsewhere, or be discarded.
func (b *budget) allowed() error {
	like := *b.exp
	if was, err := ReadExperiment(b.Dir); err == nil {
		like.Search.Lambda = was.Search.Lambda
	}
	if _, err := open(&like, configs.StageSearch, b.Options); err != nil {
		return err
	}
	if !b.stage(configs.StageFinetune).complete() {
		return b.lacks(configs.StageFinetune)
	}
	if b.foreign(configs.StageSearch) {
		return stateErrorf(b.Dir, "holds a search that is no trial's; discard it with --overwrite, or use another --out")
	}
	if b.found.Goal.By == ByDrop { // the chosen trial's retraining comes in its place, whichever that is
		return b.replaceable()
	}
	return nil
}

// read reads the data and what stage 1 came to.
func (b *budget) read(ctx context.Context) (err error) {
	if b.task, err = loadTask(ctx, b.exp, b.Options); err != nil {
		return err
	}
	if b.config, _, err = b.from(configs.StageFinetune, b.task); err != nil {
		return err
	}
	first, err := readResult(b.stage(configs.StageFinetune))
	if err != nil {
		return err
	}
	b.dense = b.task.macs(&b.config, &retention.Elimination{}, b.exp.Data.MaxLength)
	b.found.Metric, b.found.Dev = first.Metric, first.Dev
	return nil
}

// try runs the stages of a trial and adds it to the table.
func (b *budget) try(ctx context.Context, lambda float64) error {
	r := b.trial(lambda)
	if _, err := open(r.exp, configs.StageSearch, r.Options); err != nil && b.Overwrite && exists(r.Dir) {
		if err := atomicfile.RemoveDir(r.Dir); err != nil { // of another experiment
			return err
		}
	}
	b.Log.Info("trial", "lambda", lambda, "number", len(b.found.Trials)+1, "most", b.found.Goal.Trials)
	result, err := Search(ctx, r.exp, r.Options)
	if err != nil {
		return err
	}
	t := &Trial{Lambda: lambda, Dir: r.Dir, Retention: result.Retention.Retention, Seconds: result.Seconds}
	if b.found.Goal.By == ByDrop {
		if result, err = Retrain(ctx, r.exp, r.Options); err != nil {
			return err
		}
		t.Seconds += result.Seconds
	}
	t.Stage, t.Dev, t.Drop = result.Stage, result.Dev, 100*(b.found.Dev-result.Dev)
	config := b.config
	if config.PowerRetention, err = r.configuration(); err != nil {
		return err
	}
	use := config.Elimination()
	cost := b.task.macs(&config, &use, b.exp.Data.MaxLength)
	t.Speedup, t.Padded = b.dense.Real/cost.Real, b.dense.Padded/cost.Padded
	b.found.Trials = append(b.found.Trials, t)
	return writeJSON(filepath.Join(b.Dir, trialsDir, "trials.json"), b.found)
}

// settle chooses a trial and takes it over. With more trials there would be a λ
// left to try where left is set.
func (b *budget) settle(left bool) error {
	f := &b.found
	f.Chosen, f.Reached = f.Goal.best(f.Trials)
	f.Verdict = b.verdict(left)
	if f.Reached {
		if err := b.adopt(); err != nil {
			return err
		}
	}
	return writeJSON(filepath.Join(b.Dir, trialsDir, "trials.json"), f)
}

// verdict says what was found, and where the goal was not reached, what stands in
// the way.
func (b *budget) verdict(left bool) string {
	g, c := &b.found.Goal, b.found.Chosen
	got := fmt.Sprintf("lambda %g saves %.2f× and loses %.2f points (%s)", c.Lambda, c.Speedup, c.Drop, c.Stage)
	if b.found.Reached {
		return fmt.Sprintf("%s: %s%s", g, got, b.further(left))
	}
	plan := trainer{stepper: stepper{stage: stage{conf: b.exp.Search.Stage, lrR: b.exp.Search.LRr}}, run: b.run, task: b.task}
	travel, why := plan.travel(), ""
	switch {
	case left:
		why = fmt.Sprintf("%d trials were too few; allow more with --trials, those made are kept", len(b.found.Trials))
	case g.By == BySpeedup && travel < 1:
		why = fmt.Sprintf("the travel budget of r is %.2f, below 1, so r cannot fall far whatever lambda is; raise search.epochs or search.lr_r", travel)
	default:
		why = fmt.Sprintf("no lambda from %g to %g does it; give another --lambda-range", g.Low, g.High)
	}
	return fmt.Sprintf("not reached: %s; %s. The nearest is in %s: %s", g, why, c.Dir, got)
}

// further says where a goal that was reached might be met more nearly.
func (b *budget) further(left bool) string {
	g := &b.found.Goal
	switch beyond := slices.ContainsFunc(b.found.Trials, g.beyond); {
	case left:
		return "; more --trials may come nearer"
	case g.By == ByDrop && !beyond:
		return "; no lambda up to the end of --lambda-range loses more"
	case g.By == BySpeedup && !slices.ContainsFunc(b.found.Trials, func(t *Trial) bool { return !g.beyond(t) }):
		return "; no lambda down to the end of --lambda-range saves less"
	}
	return ""
}

// adopt makes the chosen trial's stages those of the run directory.
func (b *budget) adopt() error {
	r := b.trial(b.found.Chosen.Lambda)
	names := []string{configs.StageSearch}
	if b.found.Goal.By == ByDrop {
		names = append(names, configs.StageRetrain)
	}
	same := !slices.ContainsFunc(names, func(name string) bool { return b.copied(name) != r.Dir })
	if !same {
		if err := b.replace(r, names); err != nil {
			return err
		}
	}
	for _, name := range names {
		result, err := readResult(b.stage(name))
		if err != nil {
			return err
		}
		b.found.Results = append(b.found.Results, result)
	}
	return nil
}

// foreign tells whether the run directory holds a stage that is no copy of a trial's and
// is not to be discarded.
func (b *budget) foreign(name string) bool {
	return exists(string(b.stage(name))) && !b.Overwrite && b.copied(name) == ""
}

// replaceable refuses to discard a retraining of the user's own.
func (b *budget) replaceable() error {
	if b.foreign(configs.StageRetrain) {
		return stateErrorf(b.Dir, "holds a retraining that is no trial's; discard it with --overwrite")
	}
	return nil
}

// replace discards the run directory's search and retraining and copies a trial's.
func (b *budget) replace(r *run, names []string) error {
	if err := b.replaceable(); err != nil {
		return err
	}
	if err := errors.Join(b.discard(configs.StageRetrain), b.discard(configs.StageSearch)); err != nil {
		return err
	}
	if err := (&run{Options: b.Options, exp: r.exp}).own(configs.StageSearch); err != nil {
		return err
	}
	for _, name := range names {
		if err := r.stage(name).copyTo(b.stage(name)); err != nil {
			return err
		}
	}
	return nil
}

// LambdaTrials are the run directories of the trials of some λ in a run directory.
func LambdaTrials(dir string) (dirs []string) {
	trials := filepath.Join(dir, trialsDir)
	for _, name := range namesIn(trials, func(name string) bool { return strings.HasPrefix(name, lambdaTrial) }) {
		dirs = append(dirs, filepath.Join(trials, name))
	}
	return dirs
}

// copied is the trial whose stage the run directory's is a copy of; "": none.
func (b *budget) copied(name string) string {
	mine, err := os.ReadFile(b.stage(name).file("result.json"))
	if err != nil {
		return ""
	}
	for _, dir := range LambdaTrials(b.Dir) {
		text, err := os.ReadFile(filepath.Join(dir, name, "result.json"))
		if err == nil && string(text) == string(mine) {
			return dir
		}
	}
	return ""
}
