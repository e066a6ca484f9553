package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// A version says which program this is.
type version struct {
	Version  string `json:"version"`  // of the module; "(devel)" for a build from a checkout
	Commit   string `json:"commit"`   // "" where the build does not know it
	Modified bool   `json:"modified"` // built from a checkout with changes
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// String is the version in one line.
func (v version) String() string {
	commit := ""
	if v.Commit != "" {
		commit = " commit " + v.Commit
	}
	if v.Modified {
		commit += " with changes"
	}
	return fmt.Sprintf("train %s%s %s %s", v.Version, commit, v.Go, v.Platform)
}

// programVersion reads what the Go linker left in the program.
func programVersion() version {
	v := version{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = cmp.Or(info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// newVersion is `train version`.
func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the program's version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := programVersion()
			if a.json {
				return a.writeJSON(v)
			}
			_, err := fmt.Fprintln(a.stdout, v)
			return err
		},
	}
}
