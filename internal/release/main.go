// Release makes what people download, of the last commit: the program for six platforms, each
// in an archive with its manual pages and completions, packages for Debian, a bill of
// materials (CycloneDX) of each program, and the SHA-256 sums of all of these:
//
//	go run ./internal/release -out dist
//
// It builds a clone of the commit, so nothing of the working tree gets in. What it makes of a
// commit is the same, bit for bit, wherever and whenever the same Go makes it: paths are
// trimmed, and every time is the commit's. The version is the commit's tag, of which CHANGELOG
// must have a heading, or, without one, the pseudo-version that Go makes of the commit.
//
// Read build.go (the programs), pages.go (what goes with them), archive.go and deb.go.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// platforms are those that programs are made for, as GOOS/GOARCH.
const platforms = "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64"

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	out := flags.String("out", "dist", "the folder for the files, made anew")
	list := flags.String("platforms", platforms, "GOOS/GOARCH of the programs; this machine's must be among them, for it writes the manual pages")
	if err := flags.Parse(args); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	r, err := newRelease(ctx, ".", work)
	if err != nil {
		return err
	}
	if err := r.build(ctx, strings.Fields(*list)); err != nil {
		return err
	}
	files, err := r.files(ctx)
	if err != nil {
		return err
	}
	return write(*out, append(files, sums(files)))
}

// files are all that the release has but for their sums.
func (r *release) files(ctx context.Context) (files []file, err error) {
	for _, p := range r.programs {
		packed, err := r.packed(ctx, p)
		if err != nil {
			return nil, err
		}
		bill, err := r.bill(ctx, p)
		if err != nil {
			return nil, err
		}
		files = append(append(files, packed...), bill)
	}
	return files, nil
}

// packed is a program and what goes with it as an archive, and for Linux as a package, too.
// It does not depend on which other programs are made.
func (r *release) packed(ctx context.Context, p program) ([]file, error) {
	beside, err := r.beside(ctx)
	if err != nil {
		return nil, err
	}
	dirs, err := r.modules(ctx)
	if err != nil {
		return nil, err
	}
	licences, err := notices(p, dirs)
	if err != nil {
		return nil, err
	}
	beside = append(beside, licences)
	archive, err := r.archive(p, beside)
	if err != nil || p.os != "linux" {
		return []file{archive}, err
	}
	pack, err := r.debian(p, beside)
	return []file{archive, pack}, err
}

// sums are the SHA-256 sums of files as `sha256sum --check` reads them.
func sums(files []file) file {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(f.data), f.name)
	}
	return file{"SHA256SUMS", 0o644, []byte(b.String())}
}

// write puts files into a folder that has nothing else.
func write(dir string, files []file) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			return err
		}
		fmt.Printf("%9d  %s\n", len(f.data), filepath.Join(dir, f.name))
	}
	return nil
}
