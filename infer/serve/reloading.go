package serve

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// between is how long what comes of files is taken without looking at them.
const between = time.Second

// A reloading value is made of files, and again when they have changed. What cannot be
// made again, as of a file that is half written, stays as it was.
type reloading[T any] struct {
	paths []string
	load  func() (T, error)

	mu     sync.Mutex
	value  T
	stamp  string
	looked time.Time
}

func newReloading[T any](paths []string, load func() (T, error)) (*reloading[T], error) {
	stamp := stampOf(paths)
	value, err := load()
	if err != nil {
		return nil, err
	}
	return &reloading[T]{paths: paths, load: load, value: value, stamp: stamp, looked: time.Now()}, nil
}

// get is the value.
func (f *reloading[T]) get() T {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.looked) >= between {
		f.looked = now
		if stamp := stampOf(f.paths); stamp != f.stamp {
			if value, err := f.load(); err == nil {
				f.value, f.stamp = value, stamp
			}
		}
	}
	return f.value
}

// stampOf is a word that is another when one of the files is.
func stampOf(paths []string) string {
	var b strings.Builder
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			fmt.Fprintln(&b, err) // says which file, and why
			continue
		}
		fmt.Fprintf(&b, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}
