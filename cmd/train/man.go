package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan is `train man`: a manual page for every command.
func newMan(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "man DIR",
		Short: "Write manual pages, one for each command",
		Long: `Man writes train.1, train-predict.1 and so on into DIR, which is made if it is not
there. What is there under these names is written anew.`,
		Example: `  train man ~/.local/share/man/man1 && man train-predict`,
		Args:    oneArgument("DIR", "a directory, as ~/.local/share/man/man1"),
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := os.MkdirAll(args[0], 0o777); err != nil {
			return err
		}
		root := c.Root()
		root.DisableAutoGenTag = true // which has the day
		if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "powerbert", Manual: "powerbert"}, args[0]); err != nil {
			return err
		}
		pages, err := filepath.Glob(filepath.Join(args[0], "train*.1"))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "%s: %d pages; next: man -l %s\n", args[0], len(pages), filepath.Join(args[0], "train.1"))
		return err
	}
	return c
}
