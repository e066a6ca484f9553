package rundir

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/powerbert/powerbert/configs"
)

// finetuneLock is held by those who work elsewhere on the stage 1 of a run directory:
// by any number of them, or by the one who discards it.
const finetuneLock = ".finetune.lock"

// lock keeps other processes from working on a run directory until unlock.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return lockFile(dir, ".lock", (*flock.Flock).TryLock, "another process is at work on it; wait for that, or use another --out")
}

// Hold keeps other processes from working on a run directory until release.
func Hold(dir string) (release func(), err error) { return lock(dir) }

// HoldFinetune keeps other processes from discarding the stage 1 of a run directory,
// which must be complete, until release. Many may hold it at a time.
func HoldFinetune(dir string) (release func(), err error) {
	if _, err := ReadResult(dir, configs.StageFinetune); err != nil {
		return nil, err
	}
	return lockFile(dir, finetuneLock, (*flock.Flock).TryRLock, "another process is about to discard its finetune stage; wait for that")
}

// ownFinetune is for the one who discards stage 1.
func ownFinetune(dir string) (release func(), err error) {
	return lockFile(dir, finetuneLock, (*flock.Flock).TryLock,
		"another process is at work on a trial of its finetune stage; wait for that, or use another --out")
}

// lockFile takes a lock in a directory, or gives a *StateError that says busy.
func lockFile(dir, name string, try func(*flock.Flock) (bool, error), busy string) (unlock func(), err error) {
	l := flock.New(filepath.Join(dir, name))
	mine, err := try(l)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if !mine {
		return nil, Errorf(dir, "%s", busy)
	}
	return func() { l.Close() }, nil
}
