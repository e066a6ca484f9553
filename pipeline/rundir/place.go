package rundir

import (
	"fmt"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/configs"
)

// A Place says where stages run, and what may become of what is there.
type Place struct {
	Dir       string // run directory
	Finetuned string // directory of stage 1, which several runs share; "": in Dir
	Searched  string // directory of the search that stage 3 goes on from; "": in Dir
	Resume    bool   // go on from the checkpoint of an interrupted stage
	Overwrite bool   // discard what the stage and those after it left
	MaxSteps  int    // of a dry run; 0: none
	Program   string // version of the program, for experiment.yaml
}

// Stage is the directory of a stage.
func (p *Place) Stage(name string) StageDir {
	if name == configs.StageFinetune && p.Finetuned != "" {
		return StageDir(p.Finetuned)
	}
	if name == configs.StageSearch && p.Searched != "" {
		return StageDir(p.Searched)
	}
	return Stage(p.Dir, name)
}

// Lacks is the error of a run directory without a complete stage, and how to get it.
func (p *Place) Lacks(stage string) error {
	command := "train " + stage + " CONFIG"
	if method, layers, student := configs.ParseStudent(stage); student {
		command = fmt.Sprintf("train distil CONFIG --method %s --layers %d", method, layers)
	}
	if of, ok := strings.CutSuffix(stage, int8); ok {
		return Errorf(p.Dir, "no complete int8 model of the %s stage here; run `train quantize %s` first", of, p.Stage(of))
	}
	command += " --out " + strings.TrimSuffix(p.Dir, dryRun)
	if p.MaxSteps > 0 {
		command += fmt.Sprintf(" --max-steps %d", p.MaxSteps)
	}
	if p.Stage(stage).Interrupted() {
		command += " --resume"
	}
	return Errorf(p.Dir, "no complete %s stage here; run `%s` first", stage, command)
}

// Before is the stage that a stage of an experiment goes on from; "" for the first.
func (p *Place) Before(e *configs.Experiment, name string) string {
	if isStudent(name) || name == configs.StageRetrain && p.skipsSearch(e) {
		return configs.StageFinetune
	}
	all := configs.Stages()
	if i := slices.Index(all, name); i > 0 {
		return all[i-1]
	}
	return ""
}

// skipsSearch tells whether stage 3 goes on from stage 1: where the experiment gives what
// it is to be and there is no search, or it is a student, and where candidates competed
// for it, which all began there.
func (p *Place) skipsSearch(e *configs.Experiment) bool {
	switch {
	case e.Retrain.Student != "":
		return true
	case e.Retrain.Given():
		return !p.Stage(configs.StageSearch).Complete()
	}
	return e.Search.Budgeted() && !e.Search.Alone()
}
