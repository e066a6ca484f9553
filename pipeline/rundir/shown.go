package rundir

import (
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/configs"
)

// The figures that a run directory keeps of its stages.
const (
	FigureCosine            = "cosine"
	FigureMutualInformation = "mutual-information"
	FigurePareto            = "pareto"
	FigureStrategies        = "strategies"
	FigureSurvivors         = "survivors"
)

// The formats of a figure's files: its values, then its pictures.
const (
	FormatJSON = "json"
	FormatSVG  = "svg"
	FormatPNG  = "png"
)

// FigureFile returns the path of a figure's file in a directory.
func FigureFile(dir, figure, format string) string { return filepath.Join(dir, figure+"."+format) }

// ReportFile returns the path of a run directory's report.
func ReportFile(dir string) string { return filepath.Join(dir, "report.html") }

// figures lists those of a run directory, each with the stages that it shows.
var figures = []struct {
	name  string
	shows func(stage string) bool
}{
	{FigureCosine, oneOf(configs.StageFinetune)},
	{FigureMutualInformation, oneOf(configs.StageFinetune)},
	{FigureStrategies, oneOf(configs.StageFinetune, configs.StageSearch)},
	{FigureSurvivors, oneOf(configs.StageRetrain)},
	{FigurePareto, func(stage string) bool { return stage != configs.StagePretrain }}, // and all students
}

func oneOf(stages ...string) func(stage string) bool {
	return func(stage string) bool { return slices.Contains(stages, stage) }
}

// shownIn lists the paths of what a run directory may have that shows a stage: the
// report, the comparison of precisions, and the files of figures.
func shownIn(dir, stage string) (paths []string) {
	if stage == configs.StageRetrain { // no report is made before it
		paths = append(paths, ReportFile(dir))
	}
	if stage == configs.StageFinetune || stage == configs.StageRetrain {
		paths = append(paths, ComparisonFile(dir))
	}
	for _, figure := range figures {
		if !figure.shows(stage) {
			continue
		}
		for _, format := range []string{FormatJSON, FormatSVG, FormatPNG} {
			paths = append(paths, FigureFile(dir, figure.name, format))
		}
	}
	return paths
}
