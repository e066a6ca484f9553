package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var dist = flag.String("dist", "", "the folder of a release of the last commit, to be looked through")

// TestDist looks through a release: sums, what is in each archive, bills of materials against
// what the programs say of themselves, packages by dpkg; and makes this machine's part of it
// again in another folder and from nothing, to the same bits.
func TestDist(t *testing.T) {
	if *dist == "" {
		t.Skip("no release to look through (-dist)")
	}
	for _, platform := range strings.Fields(platforms) {
		goos, arch, _ := strings.Cut(platform, "/")
		t.Run(platform, func(t *testing.T) {
			packed := unpacked(t, goos, arch)
			binary := packed["train"]
			if goos == "windows" {
				binary = packed["train.exe"]
			}
			sameModules(t, binary, only(t, goos+"_"+arch+".cdx.json"))
			for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "THIRD_PARTY_LICENSES", "man1/train-predict.1", "completions/zsh/_train", "completions/powershell/train.ps1"} {
				if len(packed[name]) == 0 {
					t.Errorf("no %s in the archive", name)
				}
			}
			if goos == "linux" {
				installed(t, only(t, goos+"_"+arch+".deb"), binary)
			}
		})
	}
	t.Run("sums", func(t *testing.T) {
		c := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
		c.Dir = *dist
		if out, err := c.CombinedOutput(); err != nil || bytes.Count(out, []byte(": OK\n")) != 14 {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("again", again)
}

// only is the one file of the release whose name ends so.
func only(t *testing.T, suffix string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(*dist, "*"+suffix))
	if err != nil || len(found) != 1 {
		t.Fatalf("files %q, %v, want one", found, err)
	}
	return found[0]
}

// unpacked is what an archive has, by the names within its folder.
func unpacked(t *testing.T, goos, arch string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	keep := func(name string, r io.Reader, err error) {
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, inside, _ := strings.Cut(name, "/")
		files[inside] = data
	}
	if goos == "windows" {
		z, err := zip.OpenReader(only(t, goos+"_"+arch+".zip"))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, f := range z.File {
			r, err := f.Open()
			keep(f.Name, r, err)
		}
		return files
	}
	f, err := os.Open(only(t, goos+"_"+arch+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		keep(h.Name, r, nil)
	}
}

// sameModules wants a bill of materials to list the modules in a program, and its version.
func sameModules(t *testing.T, binary []byte, path string) {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range info.Deps {
		want = append(want, m.Path+" "+m.Version)
	}
	type component struct {
		Name, Version, Purl string
		Licenses            []any
	}
	var bill struct {
		BOMFormat  string
		Metadata   struct{ Component component }
		Components []component
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &bill); err != nil {
		t.Fatal(err)
	}
	for _, c := range bill.Components {
		got = append(got, c.Name+" "+c.Version)
		if !strings.HasPrefix(c.Purl, "pkg:golang/"+c.Name+"@"+c.Version) {
			t.Errorf("%s has the package URL %s", c.Name, c.Purl)
		}
		if len(c.Licenses) == 0 {
			t.Errorf("%s has no licence", c.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if bill.BOMFormat != "CycloneDX" || bill.Metadata.Component.Version != info.Main.Version || !slices.Equal(got, want) {
		t.Errorf("%s of %s has\n%q, the program of %s\n%q", bill.BOMFormat, bill.Metadata.Component.Version, got, info.Main.Version, want)
	}
}

// installed has dpkg install a package into a folder, where the program of the archive and
// its page then are.
func installed(t *testing.T, pack string, binary []byte) {
	if _, err := exec.LookPath("dpkg"); err != nil {
		t.Skip("no dpkg here: ", err)
	}
	root := t.TempDir()
	for _, dir := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	output(t, "dpkg", "--root="+root, "--force-not-root", "--force-architecture", "--force-script-chrootless", "--log=/dev/null", "--install", pack)
	got, err := os.ReadFile(filepath.Join(root, "usr/bin/train"))
	if err != nil || !bytes.Equal(got, binary) {
		t.Errorf("the program that is installed is another: %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, "usr/share/man/man1/train-predict.1.gz")); err != nil {
		t.Error(err)
	}
	output(t, "dpkg", "--root="+root, "--verify", "powerbert")
}

// again makes what is for this machine anew, with no object of before, and compares.
func again(t *testing.T) {
	t.Setenv("GOCACHE", t.TempDir())
	r, err := newRelease(t.Context(), "../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.build(t.Context(), []string{runtime.GOOS + "/" + runtime.GOARCH}); err != nil {
		t.Fatal(err)
	}
	packed, err := r.packed(t.Context(), r.programs[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range packed {
		if before, err := os.ReadFile(filepath.Join(*dist, path.Base(f.name))); err != nil || !bytes.Equal(before, f.data) {
			t.Errorf("%s is not what it was: %v", f.name, err)
		}
	}
}
