package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// billMaker writes bills of materials; its own bits stand in them, so they are built alike.
const billMaker = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

// bill is the bill of materials of a program: its modules, as the linker wrote them there, each
// with its licences: cyclonedx-gomod's own detection takes golang.org/x's BSD-3-Clause for another.
func (r *release) bill(ctx context.Context, p program) (file, error) {
	env := []string{"GOFLAGS=-trimpath -buildvcs=false", "CGO_ENABLED=0"}
	text, err := command(ctx, r.source, env, "go", "run", billMaker, "bin", "-json", "-noserial", "-notimestamp", p.path)
	if err != nil {
		return file{}, err
	}
	dirs, err := r.modules(ctx)
	if err != nil {
		return file{}, err
	}
	text, err = licensed(text, dirs)
	return file{r.name(p) + ".cdx.json", 0o644, text}, err
}

// name is the beginning of the names of a program's files.
func (r *release) name(p program) string {
	return fmt.Sprintf("powerbert_%s_%s_%s", r.version, p.os, p.arch)
}

// shells are those that cobra completes for, and the names under which these look for it.
var shells = map[string]string{"bash": "train", "zsh": "_train", "fish": "train.fish", "powershell": "train.ps1"}

// beside is what every archive has besides its program and the licences of what is linked
// in: documents, manual pages (man1/) and completions (completions/SHELL/).
func (r *release) beside(ctx context.Context) (files []file, err error) {
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		text, err := os.ReadFile(filepath.Join(r.source, name))
		if err != nil {
			return nil, err
		}
		files = append(files, file{name, 0o644, text})
	}
	manual, err := r.manual(ctx)
	return append(files, manual...), err
}

// manual is what the program says of itself: pages and completions.
func (r *release) manual(ctx context.Context) (files []file, err error) {
	host, err := r.host()
	if err != nil {
		return nil, err
	}
	pages := filepath.Join(filepath.Dir(r.source), "man1")
	if _, err := command(ctx, "", nil, host.path, "man", pages); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(pages)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(pages, e.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, file{"man1/" + e.Name(), 0o644, text})
	}
	for _, shell := range []string{"bash", "fish", "powershell", "zsh"} {
		text, err := command(ctx, "", nil, host.path, "completion", shell)
		if err != nil {
			return nil, err
		}
		files = append(files, file{"completions/" + shell + "/" + shells[shell], 0o644, text})
	}
	return files, nil
}

// notices are the licences of Go and of every module that is in a program, which ask to go
// with it.
func notices(p program, dirs map[string]string) (file, error) {
	info, err := buildinfo.ReadFile(p.path)
	if err != nil {
		return file{}, err
	}
	linked := []string{standard}
	for _, d := range info.Deps {
		linked = append(linked, d.Path+" "+d.Version)
	}
	var b bytes.Buffer
	for _, module := range linked {
		if err := notice(&b, module, dirs[module]); err != nil {
			return file{}, err
		}
	}
	return file{"THIRD_PARTY_LICENSES", 0o644, b.Bytes()}, nil
}

// standard stands for a module and its version where Go's own packages are meant.
const standard = "the Go standard library"

// modules are the folders of the modules that the program may be made of, by path and version.
func (r *release) modules(ctx context.Context) (map[string]string, error) {
	if r.dirs != nil {
		return r.dirs, nil
	}
	env := []string{"GOFLAGS="}
	if _, err := command(ctx, r.source, env, "go", "mod", "download"); err != nil {
		return nil, err
	}
	list, err := command(ctx, r.source, env, "go", "list", "-m", "-f", "{{.Path}} {{.Version}}\t{{.Dir}}", "all")
	if err != nil {
		return nil, err
	}
	root, err := command(ctx, r.source, env, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{standard: strings.TrimSpace(string(root))}
	for line := range strings.Lines(string(list)) {
		module, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		dirs[module] = dir
	}
	r.dirs = dirs
	return dirs, nil
}

// notice adds the licences that lie in a module's folder; none is an error.
func notice(b *bytes.Buffer, module, dir string) error {
	texts, err := legal(dir)
	if err != nil {
		return fmt.Errorf("the licence of %s: %w", module, err)
	}
	for _, t := range texts {
		fmt.Fprintf(b, "==== %s, %s\n\n%s\n", module, t.name, bytes.TrimRight(t.data, "\n"))
	}
	if len(texts) == 0 {
		return fmt.Errorf("no licence of %s is in %s", module, dir)
	}
	return nil
}

func hasAnyPrefix(name string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}
