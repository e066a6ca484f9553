package atomicfile

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// unsynced is set by Unsynced.
var unsynced bool

// Unsynced has Sync, and all that is written here, wait for the system alone and not for the
// disk: what is written outlives the process, and not the machine's power. It is for the tests
// of whole runs, which spend most of their time waiting for disks otherwise, and is called
// before anything is written.
func Unsynced() { unsynced = true }

// Sync returns when the disk has what was written to a file.
func Sync(f *os.File) error {
	if unsynced {
		return nil
	}
	return f.Sync()
}

// syncFile is Sync of the file at path.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(Sync(f), f.Close())
}

// syncDir makes the renames in a folder last. File systems that cannot sync a
// folder say EINVAL; Windows has no call for it, and refuses the one for files.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := Sync(d); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
