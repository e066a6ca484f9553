package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/infer/shares"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// shareFlags say which share of the texts a process predicts into a folder of parts.
type shareFlags struct {
	share  string // I/N; "": as the launcher tells
	shares int    // 0: as the launcher tells
	list   bool

	settings map[string]string // see settingsOf
}

// add adds the flags to those of a command.
func (f *shareFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.share, "shard", "", "share of a folder of parts, I/N with I from 0 to N-1 (default: as the launcher tells)")
	flags.IntVar(&f.shares, "shards", 0, "how many shares there are, of which the launcher tells the number (default: as it tells)")
	flags.BoolVar(&f.list, "list", false, "count the rows for a folder of parts and show its shares, predict none")
}

// asked tells whether any of the flags is given.
func (f *shareFlags) asked() bool { return f.share != "" || f.shares != 0 || f.list }

// told returns the share of the process.
func (f *shareFlags) told() (s shares.Share, err error) {
	switch {
	case f.shares < 0:
		return s, usagef("predict", "--shards is %d, want 1 or more", f.shares)
	case f.share != "":
		if s, err = shares.Parse(f.share); err != nil {
			return s, usagef("predict", "--shard %w", err)
		}
		return s, nil
	case f.list && f.shares > 0:
		return shares.Share{Of: f.shares}, nil
	}
	if s, err = shares.Told(os.Getenv, f.shares); err != nil {
		return s, usagef("predict", "%w", err)
	}
	return s, nil
}

// saying are the flags of predict that decide which rows it writes, and what they hold.
var saying = []string{"text", "format", "delimiter", "on-malformed", "keep", "top-k", "abstain-below", "threshold", "trace", "explain", "max-length"}

// settingsOf returns these flags as they can be set again.
func settingsOf(flags *pflag.FlagSet) map[string]string {
	settings := map[string]string{}
	for _, name := range saying {
		settings[name] = setting(flags.Lookup(name))
	}
	return settings
}

// setting is the value of a flag as it can be set again.
func setting(f *pflag.Flag) string {
	if f.Value.Type() == "stringSlice" {
		return strings.TrimSuffix(strings.TrimPrefix(f.Value.String(), "["), "]")
	}
	return f.Value.String()
}

// predictShare predicts the share of the process, or lists the shares.
func (a *app) predictShare(ctx context.Context, m *infer.Model, dir string, f predictFlags, files []string) error {
	share, err := f.share.told()
	if err != nil {
		return err
	}
	if files[0] == "-" {
		return usagef("predict", "shares are of files, whose rows are counted, not of standard input; name FILEs")
	}
	digest, err := infer.Digest(dir)
	if err != nil {
		return err
	}
	plan, err := shares.Plan{Shares: share.Of, Model: digest, Format: f.out.format, Settings: f.share.settings}.Begin(ctx, f.out.path, f.source, files)
	if err != nil {
		return err
	}
	if f.share.list {
		return a.listShares(plan)
	}
	record, err := plan.Open(share)
	if err != nil {
		return err
	}
	return a.predictPart(ctx, m, f, record)
}

// predictPart predicts a share into its part, unless that is complete, and notes in its record
// how far it came.
func (a *app) predictPart(ctx context.Context, m *infer.Model, f predictFlags, record *shares.Record) error {
	f.out.path = record.Path()
	there := atomicfile.Exists(f.out.path)
	if record.Done && there && f.out.resume {
		fmt.Fprintf(a.stderr, "train: %s is complete\n", f.out.path)
		return nil
	}
	if f.out.overwrite || !there {
		if err := record.Again(); err != nil {
			return err
		}
	}
	f.out.overwrite = f.out.overwrite || f.out.format == data.Parquet && f.out.resume // is written as a whole
	texts, err := record.Texts(f.source)
	if err != nil {
		return err
	}
	began := time.Now()
	rows, err := a.stream(ctx, m, f, texts)
	if err := errors.Join(err, record.Ran(rows, time.Since(began))); err != nil {
		return err
	}
	return record.End(texts.Skipped)
}

// listShares shows the shares of a plan.
func (a *app) listShares(plan *shares.Plan) error {
	type row struct {
		shares.Share
		From int `json:"from"` // row of all files, from 0
		Rows int `json:"rows"`
	}
	var list []row
	for i := range plan.Shares {
		from, to := plan.Share(i).Rows(plan.Rows())
		list = append(list, row{plan.Share(i), from, to - from})
	}
	return a.show(list, 0, func(w io.Writer) {
		fmt.Fprint(w, "share\tfirst row\trows\n")
		for _, r := range list {
			fmt.Fprintf(w, "%v\t%d\t%d\n", r.Share, r.From, r.Rows)
		}
		fmt.Fprintf(w, "all\t\t%d\tin %d files\n", plan.Rows(), len(plan.Files))
	})
}
