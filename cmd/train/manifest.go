package main

import (
	"strings"

	"github.com/spf13/cobra"

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
	var m sweep.Manifest
	flags := c.Flags()
	engine := flags.String("engine", "", "slurm or kubernetes")
	command := flags.String("command", "train", "the program there, with what comes before it")
	flags.IntVar(&m.CPUs, "cores", 0, "cores of a point (default: workers of the experiment)")
	flags.IntVar(&m.Memory, "memory", 8, "memory of a point, in GiB; train estimate tells")
	flags.DurationVar(&m.Time, "time", 0, "time of a point at most, as 24h (default: no limit of its own)")
	flags.IntVar(&m.Parallel, "parallel", 0, "points at the same time at most (default: all)")
	flags.StringVar(&m.Image, "image", "powerbert", "kubernetes: image of the container")
	flags.StringVar(&m.Claim, "claim", "powerbert", "kubernetes: PersistentVolumeClaim that holds DIR")
	flags.StringVar(&m.Mount, "mount", "/workspace", "kubernetes: where the claim is mounted and the command runs")
	a.renamed(c, "cpus", "cores")
	_ = c.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions([]string{"slurm", "kubernetes"}, cobra.ShellCompDirectiveNoFileComp))
	c.RunE = func(_ *cobra.Command, args []string) error {
		m.Command = strings.Fields(*command)
		if m.CPUs < 0 || m.Memory < 1 || m.Time < 0 || m.Parallel < 0 || len(m.Command) == 0 {
			return usagef("sweep manifest", "--cores is %d, --memory %d, --time %v, --parallel %d, --command %q; want a command, memory of 1 or more, the others not below 0",
				m.CPUs, m.Memory, m.Time, m.Parallel, *command)
		}
		if m.Time > 0 && m.Time <= sweep.Grace {
			return usagef("sweep manifest", "--time is %v, want more than %v: so long before its end a point is told to save", m.Time, sweep.Grace)
		}
		s, err := sweep.Open(args[0])
		if err != nil {
			return err
		}
		if m.CPUs == 0 {
			if m.CPUs, err = s.Workers(); err != nil {
				return err
			}
		}
		switch *engine {
		case "slurm":
			return m.Slurm(a.stdout, s)
		case "kubernetes":
			return m.Kubernetes(a.stdout, s)
		}
		return usagef("sweep manifest", "--engine is %q, want slurm or kubernetes", *engine)
	}
	return c
}
