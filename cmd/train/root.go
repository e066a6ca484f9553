package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/internal/ranks"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/train"
)

// An app is what all commands share.
type app struct {
	stdout, stderr io.Writer
	progress       pipeline.Reporter // on stderr
	json           bool
	running        bool        // the command line made sense and its command has begun
	job            *ranks.Job  // of MPI that this process has joined; nil: none
	crew           *train.Crew // the other ranks, where this is rank 0
}

const about = `Train takes a BERT classifier through the three stages of PoWER-BERT
(Goyal et al., ICML 2020): fine-tune, search which word-vectors each encoder
needs, retrain with the others removed.

CONFIG is a YAML file or the name of a shipped recipe (train recipes). DIR is a
stage's directory, as runs/demo/retrain. Start with: train run demo

Exit codes:
  0    done
  1    something went wrong while running
  2    usage: unknown command or flag, or a run directory that does not allow it
  3    configuration: the experiment's YAML or --set
  4    data or model: a file that is missing, malformed or does not fit
  130  interrupted, after saving; the message says how to go on

Shipped recipes find real data through the environment variable POWERBERT_DATA
and a pretrained encoder through POWERBERT_MODEL, a directory or a model at the
Hugging Face hub. Models of the hub are shared with transformers in its cache
(HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, HF_TOKEN, HF_ENDPOINT).`

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "train",
		Short:         "Fine-tune, search, retrain: PoWER-BERT",
		Long:          about,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.PersistentFlags().BoolVar(&a.json, "json", false, "machine-readable results on stdout")
	root.SetFlagErrorFunc(nearFlag)
	root.Version = programVersion().String()
	root.SetVersionTemplate("{{.Version}}\n")
	for _, g := range a.groups() {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title + ":"})
		for _, c := range g.commands {
			c.GroupID = g.title
			if slices.Contains(trainers, c.Name()) {
				a.shared(c)
			}
			if slices.Contains(readers, c.Name()) {
				a.reads(c)
			}
			root.AddCommand(c)
		}
	}
	root.SetHelpCommandGroupID(aboutProgram)
	root.SetCompletionCommandGroupID(aboutProgram)
	root.PersistentFlags().BoolVar(&manifest.Off, "no-verify", false, "read files of run and model directories without holding them against their checksums")
	for _, c := range root.Commands() {
		a.watch(c)
	}
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"}) // which the line above has added
	help.Args = topic
	return root
}

// aboutProgram is the group of commands about the program itself.
const aboutProgram = "The program"

// A group is commands that help lists together.
type group struct {
	title    string
	commands []*cobra.Command
}

// groups are all commands, in the order in which they are met.
func (a *app) groups() []group {
	return []group{
		{"Data and experiments", []*cobra.Command{newInit(a), newData(a), newConfig(a), newRecipes(a), newEstimate(a), newVocab(a)}},
		{"Stages", []*cobra.Command{newRun(a), newPretrain(a), newFinetune(a), newSearch(a), newRetrain(a), newDistil(a)}},
		{"Many runs", []*cobra.Command{newSweep(a), newCV(a), newCompare(a), newExperiment(a)}},
		{"A trained model", []*cobra.Command{newEval(a), newReport(a), newCalibrate(a), newQuantize(a), newBench(a), newSubmit(a)}},
		{"Use", []*cobra.Command{newPredict(a), newServe(a), newExport(a)}},
		{aboutProgram, []*cobra.Command{newDoctor(a), newMan(a), newVersion(a)}},
	}
}

// topic refuses help about an unknown command, for which cobra shows the usage and
// exits with 0.
func topic(c *cobra.Command, args []string) error {
	found, rest, err := c.Root().Find(args)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("unknown command %q for %q", rest[0], found.CommandPath())
	}
	return err
}

// nearFlag adds to the error of an unknown flag a known one that may have been meant.
func nearFlag(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return err
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if name, ok := configs.Nearest(unknown.GetSpecifiedName(), names); ok {
		err = fmt.Errorf("%w, did you mean --%s?", err, name)
	}
	return err
}

// watch notes when the command, or one of its own, begins: an error before that is one of
// usage.
func (a *app) watch(c *cobra.Command) {
	for _, own := range c.Commands() {
		a.watch(own)
	}
	runE := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		a.running = true
		return runE(c, args)
	}
}

// readers are commands that pass over all texts of a set at once, which may take long.
var readers = []string{"eval", "report", "calibrate", "quantize", "export"}

// reads has a command show how far it has come, where that takes long.
func (a *app) reads(c *cobra.Command) {
	runE := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		c.SetContext(pipeline.Watching(c.Context(), a.progress, c.Name()))
		return runE(c, args)
	}
}

// writeJSON writes a result as one indented JSON value.
func (a *app) writeJSON(result any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(result)
}

// An experimentCommand is a command whose argument is CONFIG.
type experimentCommand struct {
	*cobra.Command
	set []string
}

// forExperiment makes a command with an argument CONFIG and the flag --set.
func forExperiment(c *cobra.Command) *experimentCommand {
	e := &experimentCommand{Command: c}
	c.Use += " CONFIG"
	c.Args = oneArgument("CONFIG", "a YAML file or a recipe's name (train recipes)")
	c.ValidArgsFunction = completeConfig
	c.Flags().StringArrayVar(&e.set, "set", nil, "override a key of the experiment, as --set search.lambda=1e-3; repeatable")
	_ = c.RegisterFlagCompletionFunc("set", completeKey) // fails only for an unknown flag
	return e
}

// oneArgument wants exactly one argument, of this name and meaning.
func oneArgument(name, meaning string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return fmt.Errorf("%s is missing, want %s", name, meaning)
		case 1:
			return nil
		}
		return fmt.Errorf("got %d arguments (%s), want one %s", len(args), strings.Join(args, " "), name)
	}
}

// firstArgument wants an argument of this name and meaning, which others may follow.
func firstArgument(name, meaning string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s is missing, want %s", name, meaning)
		}
		return nil
	}
}

// load resolves the experiment that args name.
func (e *experimentCommand) load(args []string) (*configs.Experiment, error) {
	return configs.Load(args[0], e.set)
}

// completeConfig offers the recipes; with none that fits, the shell offers files.
func completeConfig(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []string
	for _, name := range configs.Recipes() {
		list = append(list, name+"\t"+configs.About(name))
	}
	return list, cobra.ShellCompDirectiveDefault
}

// completeKey offers the keys of an experiment.
func completeKey(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, key := range configs.Keys() {
		if strings.HasPrefix(key, typed) {
			list = append(list, key+"=")
		}
	}
	return list, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}
