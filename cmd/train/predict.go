package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// predictFlags are the flags of `train predict`.
type predictFlags struct {
	source      data.TextSource
	inputs      []string // files and patterns of them
	malformed   string
	out         outputFlags
	share       shareFlags
	shape       rowShape
	keep        []string // COLUMN or COLUMN=NAME
	progress    bool
	batchTokens int
	maxLength   int
	budget      float64
}

// newPredict is `train predict`: a model on texts without labels.
func newPredict(a *app) *cobra.Command {
	var f predictFlags
	c := &cobra.Command{
		Use:   "predict DIR [FILE...]",
		Short: "Predict the labels of texts, as JSON lines, CSV or Parquet",
		Long: `Predict reads texts from standard input, one per line, or from files, and writes
one JSON object per text to standard output or --out, in the order of the texts. A
CSV, TSV, JSONL, JSON or Parquet file, as the suffix or --format tells, has its text in the column
that --text names, or that the experiment beside the model does; two names are a pair of
texts. Gzip and zstd are read as they are.

--keep carries columns into the output, before the prediction; COLUMN=NAME gives one
another name there. Of plain lines "text", the line, can be kept. A CSV has a row per
text, below a header: what is kept, the label, its probability, and that of each label,
or with --top-k of the likeliest. With --abstain-below a label that is less probable is
left empty, and the row says abstains; ` + "`train eval --abstain-below`" + ` tells what that costs
and gains. Where each label is by itself, --threshold says which are said.

A Parquet file has the columns of a CSV, with numbers as numbers; it is there when it is
whole. Another file of --out that was left half written goes on after its last whole row with
--resume and otherwise the same command. Where malformed rows may be skipped, each row
says the line of its file that it is of.

--explain gives each word that the model reads, in JSON lines: its start and end, counted
in characters (Unicode code points), the encoders that it survives, and by how much the
probability of the likeliest label, or the score, falls with [MASK] in the place of the
word. Of a pair, part is 1 or 2. It takes a pass for each word, in batches.

A regression gives a score. A model that chooses among options reads passages with
questions as RACE has them: a JSON object per passage, or a folder of .txt files.

Texts stream: a file may be larger than memory, and a pipe gets its answers as it
goes. All cores work. Files are names and patterns as 'corpus/*.csv.gz', of one format and,
where they are tables, of one header.

A corpus for several processes: with a folder as --out each predicts a share of the rows of
all files, a range whatever the files, as part-00003-of-00016 in the format of --out-format.
--shard 3/16 says which, or the launcher does: Slurm's job arrays and srun, Open MPI, MPICH;
Kubernetes' Indexed Jobs tell the number, and --shards 16 of how many. The first process counts
the rows (beforehand: --list). A record beside a part refuses another model, other files and
other flags; --resume goes on. ` + "`train predict merge`" + ` makes the parts one file, and
` + "`train predict manifest`" + ` writes the job.`,
		Example: `  echo "a slow start but a lovely end" | train predict runs/demo/retrain
  train predict runs/mine/retrain --data more.csv.gz --text review --keep id --out predictions.csv
  train predict runs/demo/retrain --data texts.txt --trace
  train predict runs/demo/retrain --data texts.txt --explain
  train predict runs/mine/retrain 'corpus/*.csv.gz' --text body --keep id --out parts/ --shard 0/4`,
		Args:              firstArgument("DIR", modelMeaning),
		ValidArgsFunction: completeDir,
	}
	f.add(c.Flags())
	c.MarkFlagsMutuallyExclusive("resume", "overwrite")
	c.MarkFlagsMutuallyExclusive("shard", "shards")
	c.RunE = func(c *cobra.Command, args []string) error {
		f.source.Input = c.InOrStdin()
		if err := f.take(c.Flags(), args[1:]); err != nil {
			return err
		}
		return a.predict(c.Context(), args[0], f)
	}
	c.AddCommand(newPredictMerge(a), newPredictManifest(a))
	return c
}

// add adds the flags to those of a command.
func (f *predictFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.source.Path, "data", "-", "file of texts; - is standard input; or name FILEs")
	flags.StringSliceVar(&f.source.Text, "text", nil, "text column, or two for pairs, where the file has columns (default: as the experiment beside the model has it)")
	flags.StringVar(&f.source.Format, "format", "", "lines, csv, tsv, jsonl, json or parquet (default: by the suffix, or lines; race for multiple choice)")
	flags.StringVar(&f.source.Delimiter, "delimiter", "", "of a table's columns, as data.delimiter: one character, as ; (default: by --format)")
	flags.StringVar(&f.malformed, "on-malformed", configs.StopMalformed, "at a malformed row: stop, or skip it and count")
	flags.StringSliceVar(&f.keep, "keep", nil, "columns to carry into the output, as id,text or label=truth")
	flags.StringVar(&f.out.path, "out", "-", "file of predictions, - is standard output; or a folder of parts, as parts/")
	flags.StringVar(&f.out.format, "out-format", "", "jsonl, csv or parquet (default: by the suffix of --out, or jsonl)")
	flags.BoolVar(&f.out.resume, "resume", false, "go on after the last whole row of --out")
	flags.BoolVar(&f.out.overwrite, "overwrite", false, "discard what is in --out")
	flags.IntVar(&f.shape.top, "top-k", 0, "labels to say the probabilities of, the likeliest first (default: all, in their order)")
	flags.Float64Var(&f.shape.abstain, "abstain-below", 0, "leave a label empty that is less probable, above 0 up to 1 (default: the likeliest is said)")
	flags.Float64Var(&f.shape.threshold, "threshold", 0, "least probability of each label, of a text that may have several (default: the model's thresholds, or 0.5)")
	flags.BoolVar(&f.progress, "progress", false, "show rows and rows a second (default: on a terminal that predictions do not go to)")
	flags.BoolVar(&f.shape.trace, "trace", false, "tell how many encoders each word survives, of a text in windows those of the first; slower")
	flags.BoolVar(&f.shape.explain, "explain", false, "tell what each word is to the prediction, and where it stands; slower")
	flags.IntVar(&f.batchTokens, "batch-tokens", 2048, "tokens that pass together on a core, about")
	withBudget(flags, &f.budget)
	flags.IntVar(&f.maxLength, "max-length", 0, "tokens that texts are cut to (default: as the model was trained)")
	f.share.add(flags)
}

// take takes the files of the command line, and the flags as they were given.
func (f *predictFlags) take(flags *pflag.FlagSet, files []string) error {
	if len(files) > 0 && flags.Changed("data") {
		return usagef("predict", "--data is %s, but files are named, too: %s; name all of them without --data", f.source.Path, strings.Join(files, " "))
	}
	f.inputs = files
	if len(files) == 0 {
		f.inputs = []string{f.source.Path}
	}
	f.share.settings = settingsOf(flags)
	return nil
}

// from names what the texts come from.
func (f *predictFlags) from() string {
	if name := strings.Join(f.inputs, ", "); name != "-" {
		return name
	}
	return "standard input"
}

// check refuses flags that make no sense with any model, and settles the output's format.
func (f *predictFlags) check() error {
	switch {
	case f.malformed != configs.StopMalformed && f.malformed != configs.SkipMalformed:
		return usagef("predict", "--on-malformed is %q, want stop or skip", f.malformed)
	case f.batchTokens < 1:
		return usagef("predict", "--batch-tokens is %d, want 1 or more", f.batchTokens)
	case f.shape.top < 0:
		return usagef("predict", "--top-k is %d, want 1 or more, or 0 for all labels", f.shape.top)
	case f.shape.abstain < 0 || f.shape.abstain > 1:
		return usagef("predict", "--abstain-below is %g, want more than 0 up to 1", f.shape.abstain)
	case f.shape.threshold < 0 || f.shape.threshold > 1:
		return usagef("predict", "--threshold is %g, want more than 0 up to 1", f.shape.threshold)
	}
	if err := f.out.settle(); err != nil {
		return err
	}
	if f.share.asked() && !f.out.folder {
		return usagef("predict", "--shard, --shards and --list are about a folder of parts, want --out FOLDER/, not %s", f.out.path)
	}
	if (f.shape.trace || f.shape.explain) && f.out.format != data.JSONL {
		return usagef("predict", "--trace and --explain need JSON lines: a table has no place for words")
	}
	return f.named()
}

// named takes --keep apart into columns and what they are called in the output.
func (f *predictFlags) named() error {
	for _, column := range f.keep {
		name := column
		if from, as, ok := strings.Cut(column, "="); ok && from != "" && as != "" {
			column, name = from, as
		}
		if slices.Contains(f.shape.keep, name) {
			return usagef("predict", "--keep names %q twice", name)
		}
		f.source.Keep, f.shape.keep = append(f.source.Keep, column), append(f.shape.keep, name)
	}
	return nil
}

// forProblem settles the format: RACE's is that of models that choose, and of no other.
func (f *predictFlags) forProblem(m *infer.Model, dir string) error {
	choice := m.Chooses()
	switch format := f.source.Format; {
	case choice && f.shape.explain:
		return usagef("predict", "--explain is about the words of a text or a pair, but %s chooses among the options of a question; want --trace", dir)
	case choice && format == "":
		f.source.Format = data.RACE
	case choice && format != data.RACE:
		return usagef("predict", "--format is %q, but %s chooses among the options of a question, want race", format, dir)
	case !choice && format == data.RACE:
		return usagef("predict", "--format is race, but %s reads texts, not questions with options", dir)
	}
	if err := f.forLabels(m, dir); err != nil {
		return err
	}
	f.source.Options, f.shape.several = m.Config.Options(), m.MultiLabel()
	f.shape.line = f.source.SkipMalformed && !choice
	return nil
}

// forLabels refuses flags about another kind of answer than the model gives.
func (f *predictFlags) forLabels(m *infer.Model, dir string) error {
	switch s := &f.shape; {
	case m.Scores() && (s.top > 0 || s.threshold > 0 || s.abstain > 0):
		return usagef("predict", "--top-k, --threshold and --abstain-below are about labels, but %s gives scores", dir)
	case m.MultiLabel() && s.abstain > 0:
		return usagef("predict", "--abstain-below is about the one label of a text, but %s gives any of them; want --threshold", dir)
	case !m.MultiLabel() && s.threshold > 0:
		return usagef("predict", "--threshold is about labels that are each by themselves, but %s gives one; want --abstain-below", dir)
	}
	return nil
}

// files settles how the texts are read, once the model says it, and which files they are in.
func (f *predictFlags) files(m *infer.Model, dir string) (files []string, err error) {
	f.source.SkipMalformed = f.malformed == configs.SkipMalformed
	f.source.Path = f.inputs[0]
	if err := f.forProblem(m, dir); err != nil {
		return nil, err
	}
	if files, err = f.source.TextFiles(f.inputs); err != nil {
		return nil, err
	}
	f.source.Path = files[0]
	if err := f.columns(dir); err != nil {
		return nil, err
	}
	if err := f.source.Check(); err != nil {
		return nil, usagef("predict", "%w", err)
	}
	f.shape.raw, f.shape.file = f.source.IsJSON(), f.shape.line && len(files) > 1
	if err := f.shape.check(m.Config.Labels(), f.out.format); err != nil {
		return nil, err
	}
	return files, f.forTexts(m, dir)
}

// columns takes text columns that are not named from the experiment beside the model. Where
// plain lines are to be read, a header with all of them shows that the file is a table.
func (f *predictFlags) columns(dir string) error {
	if len(f.source.Text) > 0 || f.source.Format == data.Lines || f.source.Format == data.RACE {
		return nil
	}
	e, path, err := rundir.ExperimentBeside(dir)
	switch {
	case err != nil:
		return err
	case !f.source.Columned():
		if e != nil {
			f.source.Columns = e.Data.Text
		}
		return nil
	case e != nil && len(e.Data.Text) > 0:
		f.source.Text = e.Data.Text
		return nil
	}
	if f.source.Path != "-" && !atomicfile.Exists(f.source.Path) {
		return &data.Error{File: f.source.Path, Err: syscall.ENOENT}
	}
	return usagef("predict", "--text is missing: name the text column of %s, or two for pairs; %s does not say what it is called", f.source.Path, path)
}

// forTexts refuses pairs where the model takes none, and single texts where it wants pairs.
func (f *predictFlags) forTexts(m *infer.Model, dir string) error {
	switch paired := len(f.source.Text) == 2; {
	case paired && !m.TakesPairs():
		return usagef("predict", "--text names two columns, but %s knows one token type: it takes no pairs", dir)
	case !paired && m.WantsPairs():
		return usagef("predict", "%s was trained on pairs of texts, but here is one text a row; want a CSV, TSV, JSONL, JSON or Parquet file with both, as --data FILE --text premise,hypothesis", dir)
	}
	return nil
}

// predict streams the texts through the model.
func (a *app) predict(ctx context.Context, dir string, f predictFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	m, err := openModel("predict", dir, f.maxLength, f.budget)
	if err != nil {
		return err
	}
	files, err := f.files(m, dir)
	if err != nil {
		return err
	}
	if f.out.folder {
		return a.predictShare(ctx, m, dir, f, files)
	}
	texts, err := data.OpenFiles(f.source, files)
	if err != nil {
		return err
	}
	_, err = a.stream(ctx, m, f, texts)
	return err
}

// stream predicts texts, which it closes, into the output, and returns how many it predicted
// now.
func (a *app) stream(ctx context.Context, m *infer.Model, f predictFlags, texts *data.TextRows) (rows int, err error) {
	defer texts.Close()
	out, err := f.out.open(a.stdout)
	if err != nil {
		return 0, err
	}
	p := &predicting{model: m, texts: texts, out: out, shape: f.shape, show: a.rowProgress(f.progress, out)}
	if err := p.skip(ctx); err != nil {
		return 0, errors.Join(err, out.close(false))
	}
	err = infer.Stream{Model: m, Tokens: f.batchTokens, Trace: f.shape.trace, Explain: f.shape.explain}.Run(ctx, p.next, p.write)
	if err == nil {
		err = p.begin()
	}
	if err == nil && p.rows+texts.Skipped == 0 && !f.out.folder {
		fmt.Fprintf(a.stderr, "train: %s has no texts\n", f.from())
	}
	return p.rows - out.resumed, a.predicted(p, err, out.close(err == nil))
}

// predicted ends a run over texts: it says what came of them, and returns the error in the
// user's terms.
func (a *app) predicted(p *predicting, err, closing error) error {
	var file *data.Error
	switch {
	case errors.Is(err, syscall.EPIPE): // whoever read the output has seen enough
		return nil
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w after the predictions of %d texts%s", pipeline.ErrInterrupted, p.rows, p.out.goOn())
	case err != nil && !errors.As(err, &file): // the texts may still be read
		return errors.Join(err, closing)
	}
	p.show.end(p.rows)
	if n := p.below; n > 0 {
		fmt.Fprintf(a.stderr, "train: labels that are not probable enough, left empty: %d of %d\n", n, p.rows-p.out.resumed)
	}
	if p.blank > 0 {
		fmt.Fprintf(a.stderr, "train: blank texts, whose predictions say nothing: %d of %d\n", p.blank, p.rows-p.out.resumed)
	}
	if n := p.texts.Skipped; n > 0 {
		these := ""
		if n > len(p.texts.Named) {
			these = ", the first of them"
		}
		fmt.Fprintf(a.stderr, "train: malformed rows skipped: %d%s:\n", n, these)
		for _, row := range p.texts.Named {
			fmt.Fprintf(a.stderr, "train:   %s\n", row)
		}
	}
	return errors.Join(err, closing)
}
