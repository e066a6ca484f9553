package rundir

import (
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/internal/manifest"
)

// byHand are the files that people edit, so that a change is no damage.
var byHand = []string{experimentName, "config.json"}

// Intact reads every file of the stage's manifest and reports the first that is not as it
// was written, or not there. It warns of one that people edit.
func (d StageDir) Intact() error {
	faults, err := manifest.All(string(d))
	for _, f := range faults {
		if slices.Contains(byHand, filepath.Base(f.Path)) {
			f.Err = manifest.Forgive(f.Path, f.Err)
		}
		if err == nil && f.Err != nil {
			err = unreadable(f.Path, f.Err)
		}
	}
	return err
}
