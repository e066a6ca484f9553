package configs

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// Beside are the paths that were taken relative to the folder of the experiment's file,
// since nothing was there relative to the working directory.
func (e *Experiment) Beside() []string { return e.beside }

// lookBeside puts the folder of the experiment's file before each relative path that the
// file names and that is there, but not here. An override's path is meant from here.
func (e *Experiment) lookBeside(file string, overrides []string) {
	folder := filepath.Dir(file)
	if folder == "." {
		return
	}
	for _, path := range e.paths() {
		inDir := e.Data.Dir != "" && slices.Contains([]string{"data.train", "data.dev", keyUnlabelled}, path.key)
		if *path.value == "" || inDir || overridden(path.key, overrides) {
			continue
		}
		names := Names(*path.value).list()
		for i, name := range names {
			if there := filepath.Join(folder, name); !filepath.IsAbs(name) && !exists(name) && exists(there) {
				names[i] = there
				e.beside = append(e.beside, there)
			}
		}
		*path.value = strings.Join(names, "\n")
	}
}

// overridden tells whether an override gives a key, an element of it or its section.
func overridden(key string, overrides []string) bool {
	key, _, _ = strings.Cut(key, "[")
	for _, assignment := range overrides {
		given, _, _ := strings.Cut(assignment, "=")
		if given == key || strings.HasPrefix(key, given+".") {
			return true
		}
	}
	return false
}

// exists tells whether a path is there, or a file that it is the pattern of.
func exists(path string) bool {
	matches, _ := filepath.Glob(path) // none of what is no pattern
	return atomicfile.Exists(path) || len(matches) > 0
}
