package rundir

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/configs"
)

// ShareFinetune copies the complete stage 1 of another run directory into the place, and
// reports whether it did. It does nothing where a stage 1 is there or has begun, and
// where the other is not complete or is of an experiment that trains stage 1 otherwise.
func (p *Place) ShareFinetune(e *configs.Experiment, other string) (bool, error) {
	from, to := Stage(other, configs.StageFinetune), p.Stage(configs.StageFinetune)
	if to.begun() || !from.Complete() {
		return false, nil
	}
	was, err := ReadExperiment(other)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(configs.Diff(was, e), func(d configs.Difference) bool { return d.Affects(configs.StageFinetune) }) {
		return false, nil
	}
	c := claim{p, e}
	if err := c.open(configs.StageFinetune); err != nil {
		return false, err
	}
	unlock, err := lock(p.Dir)
	if err != nil {
		return false, err
	}
	defer unlock()
	if to.Complete() { // by another process since
		return false, nil
	}
	if err := c.record(configs.StageFinetune); err != nil {
		return false, err
	}
	return true, from.copyTo(to)
}

// OnTrials is work on the trials of a run directory, which no other process does at the
// same time.
type OnTrials struct {
	place  Place
	unlock func()
}

// HoldTrials locks the place to work on its trials. The search of the place itself must
// be of the experiment, whatever λ it has, or be to be discarded.
func (p *Place) HoldTrials(e *configs.Experiment) (*OnTrials, error) {
	t := &OnTrials{place: *p}
	if err := t.allowed(e); err != nil {
		return nil, err
	}
	unlock, err := lock(p.Dir)
	if err != nil {
		return nil, err
	}
	if err := t.allowed(e); err != nil { // another process may have been here since
		unlock()
		return nil, err
	}
	t.unlock = unlock
	return t, nil
}

// Close lets others work there.
func (t *OnTrials) Close() { t.unlock() }

func (t *OnTrials) allowed(e *configs.Experiment) error {
	like := *e
	if was, err := ReadExperiment(t.place.Dir); err == nil {
		like.Search.Lambda = was.Search.Lambda
	}
	if err := (claim{&t.place, &like}).open(configs.StageSearch); err != nil {
		return err
	}
	if !t.place.Stage(configs.StageFinetune).Complete() {
		return t.place.Lacks(configs.StageFinetune)
	}
	if t.foreign(configs.StageSearch) {
		return Errorf(t.place.Dir, "holds a search that is no trial's; discard it with --overwrite, or use another --out")
	}
	return nil
}

// Replaceable refuses to discard a retraining of the user's own.
func (t *OnTrials) Replaceable() error {
	if t.foreign(configs.StageRetrain) {
		return Errorf(t.place.Dir, "holds a retraining that is no trial's; discard it with --overwrite")
	}
	return nil
}

// foreign tells whether the run directory holds a stage that is no copy of a trial's and
// is not to be discarded.
func (t *OnTrials) foreign(name string) bool {
	return exists(string(t.place.Stage(name))) && !t.place.Overwrite && t.copied(name) == ""
}

// copied is the trial whose stage the run directory's is a copy of; "": none.
func (t *OnTrials) copied(name string) string {
	mine, err := os.ReadFile(t.place.Stage(name).File(resultName))
	if err != nil {
		return ""
	}
	for _, dir := range LambdaTrials(t.place.Dir) {
		text, err := os.ReadFile(filepath.Join(dir, name, resultName))
		if err == nil && string(text) == string(mine) {
			return dir
		}
	}
	return ""
}

// Adopt makes copies of the stages of a trial, by an experiment, those of the run
// directory, in whose place they come, and returns their results.
func (t *OnTrials) Adopt(e *configs.Experiment, trial string, names []string) (results []*Result, err error) {
	if slices.ContainsFunc(names, func(name string) bool { return t.copied(name) != trial }) {
		if err := t.replace(e, trial, names); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		result, err := t.place.Stage(name).Result()
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}

// replace discards the run directory's search and retraining and copies a trial's.
func (t *OnTrials) replace(e *configs.Experiment, trial string, names []string) error {
	if err := t.Replaceable(); err != nil {
		return err
	}
	c := claim{&t.place, e}
	if err := c.discardFrom(configs.StageSearch); err != nil {
		return err
	}
	if err := c.record(configs.StageSearch); err != nil {
		return err
	}
	for _, name := range names {
		if err := Stage(trial, name).copyTo(t.place.Stage(name)); err != nil {
			return err
		}
	}
	return nil
}
