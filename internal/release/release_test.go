package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// someFiles stand in two folders and have odd lengths.
var someFiles = []file{{"usr/bin/train", 0o755, []byte("a program")}, {"usr/share/doc/powerbert/copyright", 0o644, []byte("yours")}}

var when = time.Date(2026, 11, 29, 14, 7, 13, 0, time.UTC)

// listed is a tarball, an entry a line: mode, owner, second, size, name.
func listed(t *testing.T, tarball []byte) (list string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(tarball))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list += fmt.Sprintf("%c%o %s/%s %d %d %s\n", h.Typeflag, h.Mode, h.Uname, h.Gname, h.ModTime.Unix(), h.Size, h.Name)
	}
}

func TestTarball(t *testing.T) {
	data, err := tarball(withFolders(someFiles), when)
	if err != nil {
		t.Fatal(err)
	}
	const want = `5755 root/root 1795961233 0 ./
5755 root/root 1795961233 0 ./usr/
5755 root/root 1795961233 0 ./usr/bin/
5755 root/root 1795961233 0 ./usr/share/
5755 root/root 1795961233 0 ./usr/share/doc/
5755 root/root 1795961233 0 ./usr/share/doc/powerbert/
0755 root/root 1795961233 9 ./usr/bin/train
0644 root/root 1795961233 5 ./usr/share/doc/powerbert/copyright
`
	if got := listed(t, data); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestZipped(t *testing.T) {
	data, err := zipped(someFiles, when)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range r.File {
		if want := someFiles[i]; f.Name != want.name || f.Mode() != os.FileMode(want.mode) || f.UncompressedSize64 != uint64(len(want.data)) || !f.Modified.Equal(when) {
			t.Errorf("got %s %v %d %v, want %s", f.Name, f.Mode(), f.UncompressedSize64, f.Modified, want.name)
		}
	}
}

// dpkg reads what deb writes, and finds in it what was put there.
func TestDeb(t *testing.T) {
	r := &release{version: "0.1.0-rc.1", when: when}
	data, err := deb(r.control(program{os: "linux", arch: "arm64"}, someFiles), someFiles, when)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte("!<arch>\ndebian-binary   1795961233  0     0     100644  4         `\n2.0\ncontrol.tar.gz ")) || len(data)%2 != 0 {
		t.Errorf("the package begins with %q and has %d bytes", data[:90], len(data))
	}
	path := filepath.Join(t.TempDir(), "powerbert.deb")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("no dpkg here: ", err)
	}
	fields := output(t, "dpkg-deb", "--field", path, "Package", "Version", "Architecture", "Maintainer", "Installed-Size")
	if want := "Package: powerbert\nVersion: 0.1.0~rc.1\nArchitecture: arm64\nMaintainer: powerbert maintainers <maintainers@powerbert.example>\nInstalled-Size: 2\n"; fields != want {
		t.Errorf("got %s, want %s", fields, want)
	}
	if got := output(t, "dpkg-deb", "--info", path, "md5sums"); !strings.Contains(got, "163c30dc92b5c4383178cbd84f9efe1b  usr/bin/train\n") {
		t.Errorf("the sums are %q", got) // echo -n 'a program' | md5sum
	}
	unpacked := t.TempDir()
	output(t, "dpkg-deb", "--extract", path, unpacked)
	if text, err := os.ReadFile(filepath.Join(unpacked, someFiles[1].name)); string(text) != "yours" {
		t.Errorf("got %q, %v", text, err)
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func TestPlaced(t *testing.T) {
	for name, want := range map[string]string{
		"LICENSE":                          "usr/share/doc/powerbert/copyright",
		"CHANGELOG.md":                     "usr/share/doc/powerbert/changelog.gz",
		"THIRD_PARTY_LICENSES":             "usr/share/doc/powerbert/THIRD_PARTY_LICENSES.gz",
		"man1/train-run.1":                 "usr/share/man/man1/train-run.1.gz",
		"completions/bash/train":           "usr/share/bash-completion/completions/train",
		"completions/zsh/_train":           "usr/share/zsh/vendor-completions/_train",
		"completions/fish/train.fish":      "usr/share/fish/vendor_completions.d/train.fish",
		"completions/powershell/train.ps1": "",
	} {
		if got, err := placed(file{name: name}); got.name != want || err != nil {
			t.Errorf("%s is placed at %q, %v, want %q", name, got.name, err, want)
		}
	}
}

// A module without a licence is not passed on.
func TestNotice(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	if err := notice(&b, "example.org/m v1.0.0", dir); err == nil || !strings.Contains(err.Error(), "no licence of example.org/m v1.0.0 is in ") {
		t.Errorf("got %v", err)
	}
	for name, text := range map[string]string{"LICENSE.md": "mine\n\n", "license.txt": "hers", "main.go": "not one"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const want = "==== m v1, LICENSE.md\n\nmine\n==== m v1, license.txt\n\nhers\n"
	if err := notice(&b, "m v1", dir); b.String() != want || err != nil {
		t.Errorf("got %q, %v, want %q", &b, err, want)
	}
}

// Components carry their licences, by SPDX's names where the texts tell them.
func TestLicences(t *testing.T) {
	for text, want := range map[string]string{
		"Apache License\n   Version 2.0, January 2004":                                        "Apache-2.0",
		"Redistributions of source code must retain the above\n// Neither the name of Google": "BSD-3-Clause",
		"Redistributions of source code must\n retain the above":                              "BSD-2-Clause",
		"MIT License\n\nPermission is hereby granted, free of charge":                         "MIT",
		"Permission is hereby granted, free of charge … Apache License, Version 2.0":          "Apache-2.0 MIT",
		"Permission to use, copy, modify, and distribute this software":                       "ISC",
		"It may be used by whoever asks.":                                                     "",
	} {
		if got := strings.Join(spdx([]byte(text)), " "); got != want {
			t.Errorf("%q is said to be %q, want %q", text, got, want)
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"LICENSE": "Whoever asks.\nMay use it.", "NOTICE": "Apache License, Version 2.0", "COPYING": "Permission is hereby granted, free of charge"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bill, err := licensed([]byte(`{"components": [{"name": "m", "version": "v1"}]}`), map[string]string{"m v1": dir})
	want := `{"components":[{"licenses":[{"license":{"id":"MIT"}},{"license":{"name":"Whoever asks."}}],"name":"m","version":"v1"}]}`
	var flat bytes.Buffer
	if err := errors.Join(err, json.Compact(&flat, bill)); err != nil || flat.String() != want {
		t.Errorf("got %s, %v", &flat, err)
	}
	if _, err := licensed([]byte(`{"components": [{"name": "m", "version": "v2"}]}`), nil); err == nil {
		t.Error("a module that is nowhere has a licence")
	}
}

// repository is a small module of its own with a program and one commit, in a new folder.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.org/small\n\ngo 1.26\n", "README.md": "small\n", "LICENSE": "free\n",
		"CHANGELOG.md": "# Changelog\n\n## 0.2.0 (29 November 2026)\n\n- More.\n\n## 0.1.0 (28 November 2026)\n",
		"cmd/train/main.go": `package main

import "os"

func main() {
	if os.Args[1] == "man" {
		os.Mkdir(os.Args[2], 0o777)
		os.WriteFile(os.Args[2]+"/train.1", []byte("a page"), 0o666)
		return
	}
	os.Stdout.WriteString(os.Args[2] + " completes")
}
`,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "init", "--quiet")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "--quiet", "-m", "Begin")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=A Name", "-c", "user.email=a@example.org"}, args...)...)
	c.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-11-29T14:07:13Z", "GIT_AUTHOR_DATE=2026-11-29T14:07:13Z")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

// made is a release of a repository for this machine.
func made(t *testing.T, root string) (*release, error) {
	t.Helper()
	r, err := newRelease(t.Context(), root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return r, r.build(t.Context(), []string{runtime.GOOS + "/" + runtime.GOARCH})
}

// One commit in two folders gives the same archive, which has what it should; what is not
// committed is not in it.
func TestReleaseIsOfACommit(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program twice")
	}
	root := repository(t)
	git(t, root, "tag", "v0.2.0")
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	var archives [2]file
	for i := range archives {
		r, err := made(t, root)
		if err != nil {
			t.Fatal(err)
		}
		packed, err := r.packed(t.Context(), r.programs[0])
		if err != nil {
			t.Fatal(err)
		}
		archives[i] = packed[0]
	}
	folder := fmt.Sprintf("powerbert_0.2.0_%s_%s", runtime.GOOS, runtime.GOARCH)
	if archives[0].name != folder+".tar.gz" || !bytes.Equal(archives[0].data, archives[1].data) {
		t.Errorf("%s and %s differ", archives[0].name, archives[1].name)
	}
	list := listed(t, archives[0].data)
	for _, want := range []string{"1795961233 6 " + folder + "/README.md", "6 " + folder + "/man1/train.1", "14 " + folder + "/completions/fish/train.fish", folder + "/THIRD_PARTY_LICENSES", "0755 root/root 1795961233 "} {
		if !strings.Contains(list, want) {
			t.Errorf("no %q in\n%s", want, list)
		}
	}
}

// A tag without a heading in CHANGELOG is no release; a commit without a tag has a
// pseudo-version.
func TestVersions(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	root := repository(t)
	if r, err := made(t, root); err != nil || !strings.HasPrefix(r.version, "0.0.0-20261129140713-") {
		t.Errorf("got %q, %v", r.version, err)
	}
	git(t, root, "tag", "v0.3.0")
	if _, err := made(t, root); err == nil || !strings.Contains(err.Error(), "CHANGELOG.md has no heading of 0.3.0") {
		t.Errorf("got %v", err)
	}
	if _, err := newRelease(t.Context(), t.TempDir(), t.TempDir()); err == nil {
		t.Error("a folder without commits is released")
	}
}

func TestBuildWantsPlatforms(t *testing.T) {
	r := &release{source: filepath.Join(t.TempDir(), "source")}
	if err := r.build(t.Context(), []string{"linux"}); err == nil || !strings.Contains(err.Error(), "want GOOS/GOARCH") {
		t.Errorf("got %v", err)
	}
	if err := r.build(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no program is for "+runtime.GOOS) {
		t.Errorf("got %v", err)
	}
}

// The folder has what it is given and nothing of before, and sha256sum's sums.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dist")
	if err := errors.Join(os.Mkdir(dir, 0o777), os.WriteFile(filepath.Join(dir, "old"), nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	files := []file{{"a.deb", 0o644, []byte("abc")}}
	if err := write(dir, append(files, sums(files))); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	// SHA-256 of abc: FIPS 180-4's example.
	if want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.deb\n"; string(got) != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("got %v", entries)
	}
}
