package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
)

// configFlags are the flags of `train config`.
type configFlags struct {
	explain bool
	docs    string // folder to write them into
}

// newConfig is `train config`: the resolved experiment, or all its problems.
func newConfig(a *app) *cobra.Command {
	var f configFlags
	c := forExperiment(&cobra.Command{
		Use:   "config",
		Short: "Show the resolved experiment, everything wrong with it, or what keys mean",
		Long: `Config shows every key of an experiment with its final value: defaults, then
the preset that compat names, then CONFIG, then --set. The output is itself a
CONFIG; where there is a search, and the data can be read, it ends with how far r can
travel.
What is wrong is listed all at once, and the exit code is 3; with --json
the list stands on stdout, too.

With --explain the argument is a key or a section, or nothing for all keys: type,
default, range, what it means, what is published of it, and when to change it.`,
		Example: `  train config demo
  train config my.yaml --set compat=ibm
  train config sst2 > mine.yaml
  train config --explain search.lambda`,
	})
	f.register(c.Command)
	c.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case f.docs != "":
			return writeDocs(f.docs)
		case f.explain:
			return a.explain(strings.Join(args, ""))
		}
		e, err := c.load(args)
		if err != nil {
			return a.configProblems(err)
		}
		return a.showConfig(e, args[0])
	}
	return c.Command
}

// register adds the flags to the command, and the arguments that go with them.
func (f *configFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&f.explain, "explain", false, "say what a key, or each of a section, means")
	flags.StringVar(&f.docs, "write-docs", "", "write configuration.md and powerbert.schema.json into this folder")
	c.MarkFlagsMutuallyExclusive("explain", "write-docs", "set")
	wantConfig := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		switch {
		case f.docs != "":
			return cobra.NoArgs(c, args)
		case f.explain:
			return cobra.MaximumNArgs(1)(c, args)
		}
		return wantConfig(c, args)
	}
}

// showConfig shows an experiment, with what its YAML does not say.
func (a *app) showConfig(e *configs.Experiment, config string) error {
	if a.json {
		return a.writeJSON(e.Map())
	}
	if _, err := a.stdout.Write(e.YAML()); err != nil {
		return err
	}
	for _, path := range e.Beside() {
		fmt.Fprintf(a.stdout, "# %s is not here, but beside %s\n", filepath.Base(path), config)
	}
	if !e.Searches() {
		return nil
	}
	travel, steps, err := pipeline.Travel(e)
	if err != nil {
		return nil // the data cannot be read
	}
	_, err = fmt.Fprintf(a.stdout, "# r can travel %.2f of the way from 1 to 0 in the %d steps of the search\n", travel, steps)
	return err
}

// explain says what a key or the keys of a section mean; of "" all.
func (a *app) explain(key string) error {
	list, err := configs.Explain(key)
	if err != nil {
		return usagef("config", "%w", err)
	}
	if a.json {
		return a.writeJSON(list)
	}
	for i, k := range list {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		if err := k.Write(a.stdout); err != nil {
			return err
		}
	}
	return nil
}

// writeDocs writes what the schema says of itself into a folder.
func writeDocs(dir string) error {
	for name, content := range configs.Docs() {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			return err
		}
	}
	return nil
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
