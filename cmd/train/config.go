package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
)

// newConfig is `train config`: the resolved experiment, or all its problems.
func newConfig(a *app) *cobra.Command {
	c := forExperiment(&cobra.Command{
		Use:   "config",
		Short: "Show the resolved experiment, or everything wrong with it",
		Long: `Config shows every key of an experiment with its final value: defaults, then
the preset that compat names, then CONFIG, then --set. The output is itself a
CONFIG; where the data can be read it ends with how far r can travel in the search.
What is wrong is listed all at once, and the exit code is 3; with --json
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
		if _, err = a.stdout.Write(e.YAML()); err != nil {
			return err
		}
		for _, path := range e.Beside() {
			fmt.Fprintf(a.stdout, "# %s is not here, but beside %s\n", filepath.Base(path), args[0])
		}
		if e.Retrain.Given() {
			return nil
		}
		if travel, steps, unread := pipeline.Travel(e); unread == nil {
			_, err = fmt.Fprintf(a.stdout, "# r can travel %.2f of the way from 1 to 0 in the %d steps of the search\n", travel, steps)
		}
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
