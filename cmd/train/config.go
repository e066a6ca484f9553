package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
)

// newConfig is `train config`: the resolved experiment, or all its problems.
func newConfig(a *app) *cobra.Command {
	c := forExperiment(&cobra.Command{
		Use:   "config",
		Short: "Show the resolved experiment, or everything wrong with it",
		Long: `Config shows every key of an experiment with its final value: defaults, then
the preset that compat names, then CONFIG, then --set. The output is itself a
CONFIG. What is wrong is listed all at once, and the exit code is 3; with --json
the list stands on stdout, too.`,
		Example: `  train config demo
  train config my.yaml --set compat=ibm
  train config sst2 > mine.yaml`,
	})
	c.RunE = func(_ *cobra.Command, args []string) error {
		e, err := c.load(args)
		if err != nil {
			return a.configProblems(err)
		}
		if a.json {
			return a.writeJSON(e.Map())
		}
		_, err = a.stdout.Write(e.YAML())
		return err
	}
	return c.Command
}

// configProblems is err, after listing it on stdout where that is for machines.
func (a *app) configProblems(err error) error {
	var list *configs.Error
	if a.json && errors.As(err, &list) {
		if writing := a.writeJSON(map[string]any{"problems": list.Problems}); writing != nil {
			return writing
		}
	}
	return err
}
