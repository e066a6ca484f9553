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

// shownIn are the files of a run directory that show a stage.
func shownIn(name string) (files []string) {
	figures := []string{"pareto"}
	switch name {
	case configs.StagePretrain:
		return nil
	case configs.StageFinetune:
		figures = append(figures, "cosine", "mutual-information", "strategies")
	case configs.StageSearch:
		figures = append(figures, "strategies")
	case configs.StageRetrain:
		files, figures = append(files, "report.html"), append(figures, "survivors")
	}
	for _, figure := range figures {
		files = append(files, figure+".json", figure+".svg", figure+".png")
	}
	return files
}
