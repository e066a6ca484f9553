package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A release is one commit, and the programs made of it.
type release struct {
	source   string    // a clone
	version  string    // without its v
	when     time.Time // of the commit
	programs []program
	dirs     map[string]string // of modules, once they are known
}

// A program is the file of one platform.
type program struct {
	os, arch string
	path     string
}

// newRelease clones the last commit of the repository at root into a folder of work.
func newRelease(ctx context.Context, root, work string) (*release, error) {
	r := &release{source: filepath.Join(work, "source")}
	if _, err := command(ctx, "", nil, "git", "clone", "--quiet", root, r.source); err != nil {
		return nil, err
	}
	shown, err := command(ctx, r.source, nil, "git", "show", "--no-patch", "--format=%ct", "HEAD")
	if err != nil {
		return nil, err
	}
	seconds := strings.TrimSpace(string(shown))
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the commit's time is %q: %w", seconds, err)
	}
	r.when = time.Unix(unix, 0).UTC()
	return r, nil
}

// build makes the programs of these platforms, and reads the version that Go gave them.
func (r *release) build(ctx context.Context, list []string) error {
	for _, platform := range list {
		goos, arch, ok := strings.Cut(platform, "/")
		if !ok {
			return fmt.Errorf("the platform is %q, want GOOS/GOARCH, as linux/amd64", platform)
		}
		p := program{goos, arch, filepath.Join(filepath.Dir(r.source), goos+"_"+arch, "train")}
		if _, err := command(ctx, r.source, environment(p), "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", p.path, "./cmd/train"); err != nil {
			return err
		}
		r.programs = append(r.programs, p)
	}
	host, err := r.host()
	if err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(host.path)
	if err != nil {
		return err
	}
	r.version = strings.TrimPrefix(info.Main.Version, "v")
	return r.tagged(ctx)
}

// environment leaves no choice to the machine that builds.
func environment(p program) []string {
	return []string{
		"GOOS=" + p.os, "GOARCH=" + p.arch, "CGO_ENABLED=0",
		"GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off",
	}
}

// host is the program that runs on this machine.
func (r *release) host() (program, error) {
	for _, p := range r.programs {
		if p.os == runtime.GOOS && p.arch == runtime.GOARCH {
			return p, nil
		}
	}
	return program{}, fmt.Errorf("no program is for %s/%s, want one that runs here and writes the manual pages", runtime.GOOS, runtime.GOARCH)
}

// tagged wants a version, and of one that has a tag a heading in CHANGELOG.
func (r *release) tagged(ctx context.Context) error {
	if r.version == "" || r.version == "(devel)" {
		return errors.New("the program has no version: Go found no commit to make one of")
	}
	if _, err := command(ctx, r.source, nil, "git", "describe", "--exact-match", "--tags", "HEAD"); err != nil {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(r.source, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if !strings.Contains(string(text), "\n## "+r.version+" ") {
		return fmt.Errorf("CHANGELOG.md has no heading of %s; make one of Unreleased, with the day", r.version)
	}
	return nil
}

// command runs a program in a folder and returns what it prints.
func command(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	out, err := c.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, failed.Stderr)
	}
	return out, err
}
