package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/powerbert/powerbert/sweep"
)

// newSweepManifest is `train sweep manifest`: a sweep as the job of a cluster.
func newSweepManifest(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "manifest DIR",
		Short: "Write the job that runs a sweep on a cluster",
		Long: `Manifest writes to stdout the script of a Slurm job array, or the manifest of a
Kubernetes Indexed Job (1.29 or later), with a task for each point. The tasks run train sweep run
DIR; the directory, the data and the models that its experiments name must be there
at the same paths. A point has as many cores as its experiment has workers, unless
--cores says more. A task that is ended saves, and goes on when it is started again.`,
		Example: `  train sweep demo --grid seed=1,2,3 --list --out grid   # makes the list, runs nothing
  train sweep manifest grid --engine slurm --time 24h > grid.sh && sbatch grid.sh
  train sweep manifest grid --engine slurm --command "apptainer exec powerbert.sif train"
  train sweep manifest grid --engine kubernetes --image registry/powerbert --claim data | kubectl apply -f -`,
		Args: oneArgument("DIR", "the directory of a sweep"),
	}
	j := jobFlags{command: c, what: "point"}
	j.add("workers of the experiment")
	a.renamed(c, "cpus", "cores")
	c.RunE = func(_ *cobra.Command, args []string) error {
		if err := j.check(); err != nil {
			return err
		}
		s, err := sweep.Open(args[0])
		if err != nil {
			return err
		}
		if j.CPUs == 0 {
			if j.CPUs, err = s.Workers(); err != nil {
				return err
			}
		}
		return j.write(a.stdout, s.Tasks())
	}
	return c
}

// jobFlags are those of a command that writes the job of a cluster.
type jobFlags struct {
	sweep.Manifest
	command *cobra.Command
	what    string // a task
	engine  string
	program string // there, with what comes before it
}

// add adds them to the command. cores is what a task has without --cores.
func (j *jobFlags) add(cores string) {
	flags := j.command.Flags()
	flags.StringVar(&j.engine, "engine", "", "slurm or kubernetes")
	flags.StringVar(&j.program, "command", "train", "the program there, with what comes before it")
	flags.IntVar(&j.CPUs, "cores", 0, "cores of a task (default: "+cores+")")
	flags.IntVar(&j.Memory, "memory", 8, "memory of a task, in GiB; train estimate tells")
	flags.DurationVar(&j.Time, "time", 0, "time of a task at most, as 24h (default: no limit of its own)")
	flags.IntVar(&j.Parallel, "parallel", 0, "tasks at the same time at most (default: all)")
	flags.StringVar(&j.Image, "image", "powerbert", "kubernetes: image of the container")
	flags.StringVar(&j.Claim, "claim", "powerbert", "kubernetes: PersistentVolumeClaim that holds what the paths name")
	flags.StringVar(&j.Mount, "mount", "/workspace", "kubernetes: where the claim is mounted and the command runs")
	_ = j.command.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions([]string{"slurm", "kubernetes"}, cobra.ShellCompDirectiveNoFileComp))
}

// usagef says what is wrong with the flags.
func (j *jobFlags) usagef(format string, args ...any) error {
	return usagef(strings.TrimPrefix(j.command.CommandPath(), "train "), format, args...)
}

// check refuses flags that make no sense.
func (j *jobFlags) check() error {
	j.Command = strings.Fields(j.program)
	if j.CPUs < 0 || j.Memory < 1 || j.Time < 0 || j.Parallel < 0 || len(j.Command) == 0 {
		return j.usagef("--cores is %d, --memory %d, --time %v, --parallel %d, --command %q; want a command, memory of 1 or more, the others not below 0",
			j.CPUs, j.Memory, j.Time, j.Parallel, j.program)
	}
	if j.Time > 0 && j.Time <= sweep.Grace {
		return j.usagef("--time is %v, want more than %v: so long before its end a %s is told to save", j.Time, sweep.Grace, j.what)
	}
	return nil
}

// write writes the job for the engine.
func (j *jobFlags) write(w io.Writer, t sweep.Tasks) error {
	switch j.engine {
	case "slurm":
		return j.Slurm(w, t)
	case "kubernetes":
		return j.Kubernetes(w, t)
	}
	return j.usagef("--engine is %q, want slurm or kubernetes", j.engine)
}

// newPredictManifest is `train predict manifest`: shares of a corpus as the job of a cluster.
func newPredictManifest(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "manifest DIR FILE...",
		Short: "Write the job that predicts a corpus on a cluster",
		Long: `Manifest writes to stdout the script of a Slurm job array, or the manifest of a
Kubernetes Indexed Job (1.29 or later), with a task for each of --shards shares. It takes the
arguments and flags of train predict, which the tasks run with --resume; model and files
must be there at the same paths. A task that is ended keeps its whole rows, and goes on when
it is started again. The numbers of the array are those of the shares, so a few of
them may be submitted again: sbatch --array=3,5-7.

The first task counts the rows of all files, and so does each that begins meanwhile:
of a large corpus, train predict --list --shards N counts them beforehand.`,
		Example: `  train predict manifest runs/mine/retrain 'corpus/*.csv.gz' --text body --out parts/ --shards 64 --engine slurm --cores 8 > job.sh
  train predict manifest runs/mine/retrain 'corpus/*.csv.gz' --text body --out parts/ --shards 64 --engine kubernetes --claim data | kubectl apply -f -`,
		Args: firstArgument("DIR", modelMeaning),
	}
	j := jobFlags{command: c, what: "share"}
	var f predictFlags
	f.add(c.Flags())
	j.add("1")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := j.check(); err != nil {
			return err
		}
		if err := f.take(c.Flags(), args[1:]); err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		if f.share.shares < 1 || !f.out.folder || f.inputs[0] == "-" || f.share.share != "" || f.share.list {
			return j.usagef("want FILEs, --out FOLDER/ and --shards N, 1 or more, without --shard and --list, which are of a task")
		}
		j.CPUs = max(j.CPUs, 1)
		words := append([]string{"predict"}, args...)
		return j.write(a.stdout, sweep.Tasks{Kind: "predict", Dir: f.out.path, What: j.what, N: f.share.shares, Args: append(words, given(c.Flags())...)})
	}
	return c
}

// given lists the flags of predict that are given, as words of its command line, and
// --resume.
func given(flags *pflag.FlagSet) (words []string) {
	var f predictFlags
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.add(own)
	flags.Visit(func(flag *pflag.Flag) {
		if own.Lookup(flag.Name) != nil && flag.Name != "resume" && flag.Name != "overwrite" {
			words = append(words, "--"+flag.Name+"="+setting(flag))
		}
	})
	return append(words, "--resume")
}
