package main

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"os"
	"path"
	"strings"
	"time"
)

// maintainer is who answers for the packages.
const maintainer = "powerbert maintainers <maintainers@powerbert.example>"

// debian is a program as a package of Debian and its relatives.
func (r *release) debian(p program, beside []file) (file, error) {
	binary, err := os.ReadFile(p.path)
	if err != nil {
		return file{}, err
	}
	files := []file{{"usr/bin/train", 0o755, binary}}
	for _, f := range beside {
		placed, err := placed(f)
		if err != nil {
			return file{}, err
		}
		if placed.name != "" {
			files = append(files, placed)
		}
	}
	data, err := deb(r.control(p, files), files, r.when)
	return file{r.name(p) + ".deb", 0o644, data}, err
}

// placed is a file where Debian keeps its like; what has no place there has no name.
func placed(f file) (file, error) {
	shell, name := path.Split(strings.TrimPrefix(f.name, "completions/"))
	switch {
	case f.name == "LICENSE":
		f.name = "usr/share/doc/powerbert/copyright"
	case f.name == "THIRD_PARTY_LICENSES", f.name == "README.md", f.name == "CHANGELOG.md":
		return placedCompressed("usr/share/doc/powerbert/"+strings.Replace(f.name, "CHANGELOG.md", "changelog", 1), f)
	case strings.HasPrefix(f.name, "man1/"):
		return placedCompressed("usr/share/man/"+f.name, f)
	case shell == "bash/":
		f.name = "usr/share/bash-completion/completions/" + name
	case shell == "zsh/":
		f.name = "usr/share/zsh/vendor-completions/" + name
	case shell == "fish/":
		f.name = "usr/share/fish/vendor_completions.d/" + name
	default:
		f.name = ""
	}
	return f, nil
}

func placedCompressed(name string, f file) (file, error) {
	data, err := compressed(f.data)
	return file{name + ".gz", f.mode, data}, err
}

// debianVersion is the version with what comes before a release in an order that dpkg knows:
// 0.1.0~rc.1 is before 0.1.0.
func (r *release) debianVersion() string { return strings.ReplaceAll(r.version, "-", "~") }

// control says what a package is (deb-control(5)); its size is in KiB.
func (r *release) control(p program, files []file) string {
	size := 0
	for _, f := range files {
		size += (len(f.data) + 1023) / 1024
	}
	return fmt.Sprintf(`Package: powerbert
Version: %s
Architecture: %s
Maintainer: %s
Installed-Size: %d
Section: science
Priority: optional
Homepage: https://github.com/powerbert/powerbert
Description: text classifiers that drop the word-vectors they do not need
 Trains PoWER-BERT (Goyal et al., ICML 2020) from a BERT and a table of texts,
 and predicts, serves and exports what it trained, on CPUs.
`, r.debianVersion(), p.arch, maintainer, size)
}

// deb is a package (deb(5)): an ar archive of the format's version, what dpkg is told, and
// the files.
func deb(control string, files []file, when time.Time) ([]byte, error) {
	var md5sums strings.Builder
	for _, f := range files {
		fmt.Fprintf(&md5sums, "%x  %s\n", md5.Sum(f.data), f.name)
	}
	told, err := tarball(withFolders([]file{{"control", 0o644, []byte(control)}, {"md5sums", 0o644, []byte(md5sums.String())}}), when)
	if err != nil {
		return nil, err
	}
	data, err := tarball(withFolders(files), when)
	if err != nil {
		return nil, err
	}
	b := bytes.NewBufferString("!<arch>\n")
	for _, part := range []file{{"debian-binary", 0o100644, []byte("2.0\n")}, {"control.tar.gz", 0o100644, told}, {"data.tar.gz", 0o100644, data}} {
		fmt.Fprintf(b, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", part.name, when.Unix(), 0, 0, part.mode, len(part.data))
		b.Write(part.data)
		if len(part.data)%2 == 1 {
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}
