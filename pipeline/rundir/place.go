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
// With a given retention configuration it is stage 1 where there is no search.
func (p *Place) Before(e *configs.Experiment, name string) string {
	given := len(e.Retrain.Retention) > 0
	if isStudent(name) || name == configs.StageRetrain && given && !p.Stage(configs.StageSearch).Complete() {
		return configs.StageFinetune
	}
	all := configs.Stages()
	if i := slices.Index(all, name); i > 0 {
		return all[i-1]
	}
	return ""
}
