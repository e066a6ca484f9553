package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// modelMeaning is what DIR is for commands that use any model.
const modelMeaning = "a directory with config.json, weights and vocabulary, as runs/demo/retrain"

// completeDir offers directories.
func completeDir(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// usagef says what is wrong with the flags of a command.
func usagef(command, format string, args ...any) error {
	return &usageError{"train " + command, fmt.Errorf(format, args...)}
}

// openModel opens the model of a directory for a command. Texts are cut to
// maxLength tokens; 0: as it was trained.
func openModel(command, dir string, maxLength int) (*infer.Model, error) {
	if err := notARun(command, dir); err != nil {
		return nil, err
	}
	c, err := model.ReadConfig(model.ConfigFile(dir))
	if err != nil {
		return nil, err
	}
	if maxLength, err = textLength(command, dir, maxLength, c); err != nil {
		return nil, err
	}
	return infer.Open(dir, maxLength)
}

// textLength is how many tokens of a text the model of a directory reads at most, as
// --max-length says; 0: as it was trained.
func textLength(command, dir string, maxLength int, c arch.Config) (int, error) {
	trained, err := trainedLength(dir, c)
	if err != nil {
		return 0, err
	}
	maxLength = cmp.Or(maxLength, trained)
	if most := c.Longest(); maxLength < 3 || maxLength > most {
		return 0, usagef(command, "--max-length is %d, want 3 to the %d positions of %s", maxLength, most, dir)
	}
	return maxLength, nil
}

// notARun refuses the directory of a run where that of a stage is wanted.
func notARun(command, dir string) error {
	for _, stage := range slices.Backward(configs.Stages()) {
		if of := string(rundir.Stage(dir, stage)); model.TypeOf(of) != "" {
			return usagef(command, "%s: is a run directory, want a stage's, as %s", dir, of)
		}
	}
	return nil
}

// trainedLength is how many tokens texts had at most when a model was trained:
// its retention configuration, the experiment beside it or sentence-transformers says
// so, or it is as many as the model has positions.
func trainedLength(dir string, c arch.Config) (int, error) {
	if r := c.PowerRetention; r != nil {
		return r.MaxLength, nil
	}
	e, _, err := rundir.ExperimentBeside(dir)
	if err != nil {
		return 0, err
	}
	if e != nil {
		return e.Data.MaxLength, nil
	}
	meant, err := model.MeantLength(dir, &c)
	return cmp.Or(meant, c.Longest()), err
}
