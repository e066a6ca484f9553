package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/estimate"
)

// newEstimate is `train estimate`: what a run will take.
func newEstimate(a *app) *cobra.Command {
	c := forExperiment(&cobra.Command{
		Use:   "estimate",
		Short: "Foretell memory, multiply-adds, time and disk space of a run",
		Long: `Estimate reads the data and the model of an experiment and tells what each stage
will take on this machine. Nothing is trained and nothing is left behind: some
steps are timed on the first examples, with weights that stay as they are.

Of an experiment without a task it tells what train pretrain will take; one that
also has a task is taken for what train run does with it. Of an encoder that grows,
each size counts for its share of the steps, and the largest for the memory.

Multiply-adds are those of the encoders as executed: three forward passes for a
training example, one of its teacher, and one for a dev example. Retraining removes
what the search finds; before there is a search in the run directory it is counted
as if it removed nothing. Memory goes from what is held at the largest batches to
that plus what the garbage collector may not have taken back yet. --student adds what
train distil will take for one. With --ranks memory is that of a rank of a job of MPI.`,
		Example: `  train estimate demo
  train estimate mine.yaml --set data.max_length=512 --set finetune.batch_size=8
  train estimate demo --student distilbert-2 --student pkd-2
  train estimate imdb-mlm
  train estimate mine.yaml --latency 3ms
  train estimate mine.yaml --ranks 8`,
	})
	c.withGoal()
	out := c.Flags().String("out", "", "run directory (default runs/NAME)")
	_ = c.MarkFlagDirname("out") // fails only for an unknown flag
	names := c.Flags().StringArray("student", nil, "a student of train distil to foretell too, as METHOD-LAYERS; repeatable")
	ranks := c.Flags().Int("ranks", 1, "with MPI: processes that are to share each step")
	c.RunE = func(_ *cobra.Command, args []string) error {
		e, err := c.load(args)
		if err != nil {
			return err
		}
		if *ranks < 1 || *ranks > 1<<16 {
			return usagef("estimate", "--ranks is %d, want 1 to %d", *ranks, 1<<16)
		}
		students, err := parseStudents(*names)
		if err != nil {
			return err
		}
		_, available := machine.Memory()
		estimate, err := pipeline.NewEstimate(c.Context(), e, pipeline.Options{Dir: *out, Ranks: *ranks, Log: slog.Default()}, available, students...)
		if err != nil {
			return err
		}
		r := estimateResult{estimate, machine.CPU(), infer.Backend(), available, e.Search.Budgeted() && !e.Retrain.Given()}
		if a.json {
			return a.writeJSON(r)
		}
		return a.showEstimate(&r)
	}
	return c.Command
}

// travel says how far r can move in a search.
func travel(distance float64) string {
	if distance < 1 {
		return fmt.Sprintf("r of the search travels %.2f at most, so none falls below %.2f: set search.lr_r to auto, or raise it or search.epochs", distance, 1-distance)
	}
	return fmt.Sprintf("r of the search can travel %.2f, from 1 to 0 and further", distance)
}

// parseStudents reads names of students, as "pkd-3".
func parseStudents(names []string) (list []pipeline.Student, err error) {
	for _, name := range names {
		method, layers, ok := configs.ParseStudent(name)
		if !ok {
			return nil, usagef("estimate", "--student is %q, want %s-LAYERS or %s-LAYERS, as %s", name,
				configs.MethodDistilBERT, configs.MethodPKD, configs.StudentStage(configs.MethodPKD, 3))
		}
		list = append(list, pipeline.Student{Method: method, Layers: layers})
	}
	return list, nil
}

// An estimateResult is what `train estimate` shows.
type estimateResult struct {
	*estimate.Estimate
	CPU       string `json:"cpu"`
	Backend   string `json:"backend"`
	Available uint64 `json:"memory_available_bytes,omitempty"` // 0: unknown
	compete   bool   // candidates do, for a price or a quality
}

func (a *app) showEstimate(r *estimateResult) error {
	more := ""
	if r.Unlabelled > 0 {
		more = fmt.Sprintf(", %d texts without labels", r.Unlabelled)
	}
	fmt.Fprintf(a.stdout, "%s: %d training and %d dev examples of %.1f word-pieces in the mean (N = %d)%s, %d parameters, %d workers\n\n",
		r.Experiment, r.Train, r.Dev, r.MeanLength, r.MaxLength, more, r.Stages[0].Params, r.Workers)
	err := a.table(tabwriter.AlignRight, func(w io.Writer) {
		fmt.Fprint(w, "\tsteps\tmultiply-adds\tof the\tif all\tmemory\ttime\t\n")
		fmt.Fprint(w, "stage\t\tper step\tstage\tis padded\t\t\t\n")
		for _, s := range r.Stages {
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t\n", s.Stage, s.Steps, giga(s.Work.Step), giga(s.Work.Stage), giga(s.Work.StagePadded),
				memoryRange(&s.Memory), timeRange(s.Seconds))
		}
		if r.Seconds != nil {
			fmt.Fprintf(w, "all\t\t\t\t\t\t%s\t\n", timeRange(r.Seconds))
		}
	})
	err = cmp.Or(err, a.showFootprint(r))
	for _, s := range r.Stages {
		if s.Travel > 0 {
			fmt.Fprintln(a.stdout, travel(s.Travel))
		}
		if s.AtMost {
			fmt.Fprintln(a.stdout, "retrain is counted as if it removed nothing: what it removes is for the search to find")
		}
	}
	if r.Ranks > 1 {
		fmt.Fprintf(a.stdout, "memory is that of rank 0 of %d, and the others need no more, but each as much as a process: add up those of one machine; times are those of one process\n", r.Ranks)
	}
	if r.compete {
		fmt.Fprintln(a.stdout, r.competition())
	}
	if r.Faster != "" {
		fmt.Fprintln(a.stdout, r.Faster)
	}
	_, last := fmt.Fprintf(a.stdout, "%s (%s, %s)\n", r.Note, r.CPU, r.Backend)
	return cmp.Or(err, last)
}

// competition says how long candidates compete, which no stage counts.
func (r *estimateResult) competition() string {
	times, as := map[string]float64{configs.StageRetrain: 2}, "as long as two retrainings take"
	if slices.ContainsFunc(r.Stages, func(s estimate.Stage) bool { return s.Stage == configs.StageSearch }) {
		times, as = map[string]float64{configs.StageSearch: 1, configs.StageRetrain: 1}, "as long as the search and it take"
	}
	long, known := 0.0, true
	for _, s := range r.Stages {
		if n := times[s.Stage]; n > 0 {
			if known = known && s.Seconds != nil; known {
				long += n * s.Seconds.Likely
			}
		}
	}
	more := ""
	if known {
		more = span(long) + " more, "
	}
	return "candidates compete before the retraining, for about " + more + as + "; search.max_drop retrains up to three times"
}

// showFootprint shows what the stage that needs most memory needs it for, and the
// run directory.
func (a *app) showFootprint(r *estimateResult) error {
	most := &r.Stages[0]
	for i := range r.Stages {
		if s := &r.Stages[i]; s.Memory.High > most.Memory.High {
			most = s
		}
	}
	m, lengths := most.Memory, "data"
	if most.Stage == configs.StagePretrain {
		lengths = most.Stage
	}
	return a.table(0, func(w io.Writer) {
		fmt.Fprintf(w, "\nmemory of %s\t%s weights, %s gradients, %s moments, %s activations, %s evaluation, ", most.Stage,
			text.Size(m.Weights), text.Size(m.Gradients), text.Size(m.Moments), text.Size(m.Activations), text.Size(m.Evaluation))
		if m.Teacher > 0 {
			fmt.Fprintf(w, "%s teacher, ", text.Size(m.Teacher))
		}
		fmt.Fprintf(w, "%s program and data\n", text.Size(m.Base))
		if r.Available > 0 {
			fmt.Fprintf(w, "available\t%s", text.Size(int(r.Available)))
			if uint64(m.High) > r.Available {
				fmt.Fprintf(w, ": may be too little; lower %s.batch_size (and raise accumulate), %s.max_length or workers", most.Section, lengths)
			}
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "run directory\t%s when done, %s on the way\n", text.Size(r.Disk.Left), text.Size(r.Disk.Peak))
	})
}

// giga writes a count of multiply-adds of a run.
func giga(count float64) string {
	switch {
	case count >= 1e15:
		return fmt.Sprintf("%.1f P", count/1e15)
	case count >= 1e12:
		return fmt.Sprintf("%.1f T", count/1e12)
	case count >= 1e9:
		return fmt.Sprintf("%.1f G", count/1e9)
	}
	return millions(count)
}

func memoryRange(m *estimate.Memory) string {
	return text.Size(m.Low) + " – " + text.Size(m.High)
}

func timeRange(r *estimate.Seconds) string {
	if r == nil {
		return "?"
	}
	return fmt.Sprintf("%s [%s–%s]", span(r.Likely), span(r.Low), span(r.High))
}

// span writes a time to about two digits.
func span(s float64) string {
	switch {
	case s < 10:
		return fmt.Sprintf("%.1f s", s)
	case s < 120:
		return fmt.Sprintf("%.0f s", s)
	case s < 2*3600:
		return fmt.Sprintf("%.0f min", s/60)
	case s < 48*3600:
		return fmt.Sprintf("%.1f h", s/3600)
	}
	return fmt.Sprintf("%.1f days", s/86400)
}
