package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/powerbert/powerbert/pipeline/rundir"
)

// examine is `train doctor DIR`: the files of a run, and what is wrong with them.
func (a *app) examine(dir string) error {
	folders, err := rundir.Examine(dir)
	if err != nil {
		return err
	}
	if a.json {
		err = a.writeJSON(folders)
	} else {
		err = a.showFolders(folders)
	}
	if err != nil {
		return err
	}
	var problems []string
	for _, folder := range folders {
		for _, f := range folder.Faults {
			problems = append(problems, fmt.Sprintf("%s: %s; %s", f.Path, f.Problem, f.Remedy))
		}
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "\n"))
	}
	return nil
}

// showFolders shows a row for each folder.
func (a *app) showFolders(folders []rundir.Folder) error {
	return a.table(0, func(w io.Writer) {
		fmt.Fprint(w, "folder\tstage\tas written\twrong\twithout a checksum\n")
		for _, f := range folders {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\n", f.Path, f.State, f.Checked, len(f.Faults), f.Unchecked)
		}
	})
}
