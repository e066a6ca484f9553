package hub

import (
	"cmp"
	"path/filepath"
	"regexp"
	"strings"
)

// ID names a model at the hub.
type ID struct {
	Repo     string // "google-bert/bert-base-uncased", or of old "bert-base-uncased"
	Revision string // branch, tag or commit
}

var (
	repoForm     = regexp.MustCompile(`^[0-9A-Za-z_][\w.-]*(/[0-9A-Za-z_][\w.-]*)?$`)
	revisionForm = regexp.MustCompile(`^[0-9A-Za-z_][\w./+-]*$`)
	commitForm   = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// Parse reads NAME or NAME@REVISION, where the revision is main if there is none;
// not ok if it has not the form of a model at the hub. What begins with runs/ is a
// model of this program's own, and none of the hub's.
func Parse(name string) (ID, bool) {
	repo, revision, given := strings.Cut(name, "@")
	id := ID{repo, cmp.Or(revision, "main")}
	ok := repoForm.MatchString(repo) && len(repo) <= 96 && !strings.Contains(repo, "..") && !strings.Contains(repo, "--") && !strings.HasPrefix(repo, "runs/") &&
		!strings.HasSuffix(repo, ".txt") && !strings.HasSuffix(repo, ".json") && !strings.HasSuffix(repo, ".git") &&
		!(given && revision == "") && revisionForm.MatchString(id.Revision) && filepath.IsLocal(id.Revision) && !strings.Contains(id.Revision, "..")
	return id, ok
}

// String is the name that Parse reads.
func (id ID) String() string {
	if id.Revision == "main" {
		return id.Repo
	}
	return id.Repo + "@" + id.Revision
}

// folder is the repository's in a cache.
func (id ID) folder() string { return "models--" + strings.ReplaceAll(id.Repo, "/", "--") }
