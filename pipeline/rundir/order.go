package rundir

import (
	"slices"

	"github.com/powerbert/powerbert/configs"
)

// every is the stages, pretraining and the students that are in a run directory.
func every(dir string) []string {
	return slices.Concat([]string{configs.StagePretrain}, configs.Stages(), Students(dir))
}

// standing are the stages that stand on a stage of a run directory, itself included: of
// pretraining none do, since the stages name the model that they begin with, and of a
// student none. Students stand on stage 1.
func standing(dir, name string) []string {
	switch {
	case name == configs.StagePretrain || isStudent(name):
		return []string{name}
	case name == configs.StageFinetune:
		return append(configs.Stages(), Students(dir)...)
	}
	all := configs.Stages()
	return all[slices.Index(all, name):]
}

// concern are the stages whose experiment a stage must agree with. A student goes by
// stage 1 and by a record of its own, so its settings are no concern of the others.
func concern(name string) []string {
	if isStudent(name) {
		return []string{configs.StageFinetune, name}
	}
	return append([]string{configs.StagePretrain}, configs.Stages()...)
}
