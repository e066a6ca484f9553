// Package paths knows what stands in the place of a path, and of a file: ~ and $VAR where
// no shell replaced them, and the pointer that git leaves where Git LFS was not asked.
package paths

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
)

// Expand returns a path with $VAR and ${VAR} and then ~ or ~name at its beginning replaced,
// as Python's expandvars and expanduser do. What is not set, and who is not known, stays.
func Expand(path string) string {
	return Tilde(os.Expand(path, func(name string) string {
		if value, ok := os.LookupEnv(name); ok {
			return value
		}
		if strings.Contains(path, "${"+name+"}") {
			return "${" + name + "}"
		}
		return "$" + name
	}))
}

// Env returns the path that an environment variable names, expanded; "": none.
func Env(variable string) string { return Expand(os.Getenv(variable)) }

// Tilde returns a path with ~ or ~name at its beginning replaced by that user's home.
func Tilde(path string) string {
	if !strings.HasPrefix(path, "~") {
		return path
	}
	end := strings.IndexFunc(path, func(r rune) bool { return r == '/' || r == filepath.Separator })
	if end < 0 {
		end = len(path)
	}
	home, err := homeOf(path[1:end])
	if err != nil {
		return path
	}
	return home + path[end:]
}

// homeOf returns the home of a user; "": of who runs the program.
func homeOf(name string) (string, error) {
	if name == "" {
		return os.UserHomeDir()
	}
	u, err := user.Lookup(name)
	if err != nil {
		return "", err
	}
	return u.HomeDir, nil
}
