package serve

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/powerbert/powerbert/infer"
)

// A Source is where a model comes from.
type Source struct {
	Name string
	Dir  string
	Open func() (*infer.Model, error)
}

// Follow looks at the directory of a model every so often until ctx ends, and replaces the
// model when its files have changed and then stayed the same from one look to the next.
// Requests that have begun end with the model that they began with, which makes two in
// memory for a while. A directory that cannot be opened is logged, and its model stays.
func (s *Server) Follow(ctx context.Context, from Source, every time.Duration) {
	has := stampOfDir(from.Dir)
	seen := has
	for ticker := time.NewTicker(every); ; {
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
		}
		now := stampOfDir(from.Dir)
		if now != has && now == seen {
			s.reopen(from)
			has = now
		}
		seen = now
	}
}

// reopen replaces a model by what its directory has now.
func (s *Server) reopen(from Source) {
	m, err := from.Open()
	if err != nil {
		s.options.Log.Warn("the model stays as it was", "model", from.Name, "directory", from.Dir, "error", err)
		return
	}
	s.Put(from.Name, m)
	s.options.Log.Info("the model is replaced", "model", from.Name, "directory", from.Dir, "labels", m.Config.Labels())
}

// stampOfDir is a word that is another when a file of a directory is.
func stampOfDir(dir string) string {
	entries, _ := os.ReadDir(dir) // one that is not there has no files
	paths := make([]string, len(entries))
	for i, e := range entries {
		paths[i] = filepath.Join(dir, e.Name())
	}
	return stampOf(paths)
}
