package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// modelMeaning is what DIR is for commands that use any model.
const modelMeaning = "a directory with config.json, weights and vocabulary, as runs/demo/retrain"

func completeDir(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// withBudget adds --budget.
func withBudget(flags *pflag.FlagSet, to *float64) {
	flags.Var((*share)(to), "budget", "of a model of several budgets the largest that costs no more: a share of dense BERT's multiply-adds (default: the largest)")
}

// A share is a part of dense BERT's multiply-adds, as a flag; 0 where it is not given.
type share float64

func (s *share) String() string { return fmt.Sprint(float64(*s)) }
func (s *share) Type() string   { return "share" }

func (s *share) Set(text string) error {
	value, err := strconv.ParseFloat(text, 64)
	if err == nil && !(value > 0 && value <= 1) {
		err = strconv.ErrRange
	}
	*s = share(value)
	return err
}

// atBudget is a model at the budget that --budget asks for; 0: as it is.
func atBudget(command, dir string, m *infer.Model, share float64) (*infer.Model, error) {
	if share == 0 {
		return m, nil
	}
	at, err := m.At(share)
	if err != nil {
		return nil, usagef(command, "--budget: %s: %w", dir, err)
	}
	return at, nil
}

// checkBudget reports a budget that the model of a directory does not have; 0: none is asked
// for. What else is wrong there is for whoever opens it.
func checkBudget(command, dir string, share float64) error {
	if share == 0 {
		return nil
	}
	c, err := model.ReadConfig(dir)
	if err != nil {
		return nil
	}
	if _, err := c.AtBudget(share); err != nil {
		return usagef(command, "--budget: %s: %w", dir, err)
	}
	return nil
}

// budgetOf says which budget a model runs at; "" if it has one configuration.
func budgetOf(share float64) string {
	if share == 0 {
		return ""
	}
	return fmt.Sprintf(" at the budget %g", share)
}

// openModel opens the model of a directory for a command, at the budget that it asks for;
// 0: the model's own. Texts are cut to maxLength tokens; 0: as it was trained.
func openModel(command, dir string, maxLength int, budget float64) (*infer.Model, error) {
	if err := wantModel(command, dir); err != nil {
		return nil, err
	}
	maxLength, err := textLength(command, dir, maxLength)
	if err != nil {
		return nil, err
	}
	m, err := infer.Open(dir, maxLength)
	if err != nil {
		return nil, err
	}
	return atBudget(command, dir, m, budget)
}

// textLength is how many tokens of a text the model of a directory reads at most, as
// --max-length says; 0: as it was trained.
func textLength(command, dir string, maxLength int) (int, error) {
	c, err := model.ReadConfig(dir)
	if err != nil {
		return 0, err
	}
	trained, err := pipeline.TrainedLength(dir, &c)
	if err != nil {
		return 0, err
	}
	maxLength = cmp.Or(maxLength, trained)
	if most := c.Longest(); maxLength < 3 || maxLength > most {
		return 0, usagef(command, "--max-length is %d, want 3 to the %d positions of %s", maxLength, most, dir)
	}
	return maxLength, nil
}

// wantModel refuses the directory of a run where that of a stage is wanted, and warns of a
// stage that is not complete.
func wantModel(command, dir string) error {
	for _, stage := range slices.Backward(configs.Stages()) {
		if of := string(rundir.Stage(dir, stage)); model.TypeOf(of) != "" {
			return usagef(command, "%s: is a run directory, want a stage's, as %s", dir, of)
		}
	}
	if rundir.StageDir(dir).Interrupted() {
		slog.Warn("the stage is not complete: this is the best model so far", "directory", dir)
	}
	return nil
}
