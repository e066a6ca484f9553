package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// examine is `train doctor DIR`: the files of a run, and what is wrong with them.
func (a *app) examine(dir string) error {
	folders, err := rundir.Examine(dir)
	if err != nil {
		return err
	}
	if err := a.showFolders(folders); err != nil {
		return err
	}
	var problems []string
	for _, folder := range folders {
		for _, f := range folder.Faults {
			problems = append(problems, fmt.Sprintf("%s: %s; %s", f.Path, f.Problem, f.Remedy))
		}
		if was := stale(folder.Path); was != "" {
			problems = append(problems, was)
		}
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "\n"))
	}
	return nil
}

// stale says that an int8 model was made of other weights than lie beside it now; "": it was
// not, or it is none.
func stale(dir string) string {
	c, err := model.ReadConfig(dir)
	if err != nil || c.Quantization == nil {
		return ""
	}
	of := filepath.Join(filepath.Dir(dir), c.Quantization.Source)
	digest, err := model.WeightsDigest(of)
	if err != nil || hex.EncodeToString(digest[:]) == c.Quantization.SHA256 {
		return ""
	}
	return fmt.Sprintf("%s: was made of other weights than %s has now; run `train quantize %[2]s` again", dir, of)
}

// showFolders shows a row for each folder.
func (a *app) showFolders(folders []rundir.Folder) error {
	return a.show(folders, 0, func(w io.Writer) {
		fmt.Fprint(w, "folder\tstage\tas written\twrong\twithout a checksum\n")
		for _, f := range folders {
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\n", f.Path, f.State, f.Checked, len(f.Faults), f.Unchecked)
		}
	})
}
