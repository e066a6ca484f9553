package rundir

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// The trials of a search for a price or a quality: priceTrial begins their names, and
// wholeTrial ends those of whole retrainings.
const (
	priceTrial = "price-"
	wholeTrial = "whole"
)

// TournamentFile is the path of the table of candidates that competed in a run directory.
func TournamentFile(dir string) string { return filepath.Join(dir, trialsName, "tournament.json") }

// LatencyFile is the path of what was measured for a price in time.
func LatencyFile(dir string) string { return filepath.Join(dir, trialsName, "latency.json") }

// WalkFile is the path of the table of whole retrainings at several prices.
func WalkFile(dir string) string { return filepath.Join(dir, trialsName, "walk.json") }

// PriceTrial is the run directory of a candidate at a price, retrained for so many steps;
// 0: whole.
func PriceTrial(dir, candidate string, target float64, steps int) string {
	long := wholeTrial
	if steps > 0 {
		long = fmt.Sprint(steps)
	}
	return Trial(dir, fmt.Sprintf("%s%g-%s-%s", priceTrial, target, candidate, long))
}

// RemoveTrial removes the directory of a trial, unless another process is at work there.
func RemoveTrial(dir string) error {
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		unlock() // where no folder is moved while a file in it is open
	} else {
		defer unlock()
	}
	return atomicfile.RemoveDir(dir)
}

// discardPrices removes what a search for a price or a quality left, or of it the whole
// retrainings alone. Tables go first: without them nothing counts as found.
func (p *Place) discardPrices(wholeOnly bool) error {
	err := atomicfile.Remove(WalkFile(p.Dir))
	if !wholeOnly {
		err = errors.Join(err, atomicfile.Remove(TournamentFile(p.Dir)), atomicfile.Remove(LatencyFile(p.Dir)))
	}
	for _, trial := range p.priceTrials(wholeOnly) {
		err = errors.Join(err, RemoveTrial(trial))
	}
	return err
}

// priceTrials are the directories of the trials of a search for a price or a quality, or of
// the whole retrainings alone.
func (p *Place) priceTrials(wholeOnly bool) (dirs []string) {
	for _, name := range namesIn(filepath.Join(p.Dir, trialsName), func(name string) bool { return strings.HasPrefix(name, priceTrial) }) {
		if !wholeOnly || strings.HasSuffix(name, wholeTrial) {
			dirs = append(dirs, Trial(p.Dir, name))
		}
	}
	return dirs
}

// idle reports a trial of those in which another process is at work, before anything goes.
func (p *Place) idle(wholeOnly bool) error {
	for _, trial := range p.priceTrials(wholeOnly) {
		unlock, err := lock(trial)
		if err != nil {
			return err
		}
		unlock()
	}
	return nil
}

// HoldPrices locks the place to try candidates for a price on its complete stage 1: in short
// retrainings, where stage is the search, or in whole ones, where it is the retraining. With
// Overwrite it discards, once ready has returned, the trials of that kind, and the stages that
// were made from them.
func (p *Place) HoldPrices(e *configs.Experiment, stage string, ready func() error) (release func(), err error) {
	unlock, err := lock(p.Dir)
	if err != nil {
		return nil, err
	}
	c := claim{p, e}
	switch err = c.belongs(stage); {
	case err != nil:
	case !p.Stage(configs.StageFinetune).Complete():
		err = p.Lacks(configs.StageFinetune)
	default:
		err = ready()
	}
	if err == nil && p.Overwrite {
		if err = p.idle(stage == configs.StageRetrain); err == nil {
			err = errors.Join(c.discard(configs.StageRetrain), p.discardPrices(stage == configs.StageRetrain))
		}
	}
	if err == nil {
		err = c.record(stage)
	}
	if err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// Begun tells whether a stage of the place has begun, or is complete.
func (p *Place) Begun(name string) bool { return p.Stage(name).begun() }

// Adopt makes a copy of a trial's stage the place's own, in place of what is there.
func (p *Place) Adopt(e *configs.Experiment, trial, name string) (*Result, error) {
	c := claim{p, e}
	if err := c.discard(name); err != nil {
		return nil, err
	}
	if err := c.record(name); err != nil {
		return nil, err
	}
	if err := Stage(trial, name).copyTo(p.Stage(name)); err != nil {
		return nil, err
	}
	return p.Stage(name).Result()
}
