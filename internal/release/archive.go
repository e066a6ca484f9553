package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"maps"
	"os"
	"path"
	"slices"
	"time"
)

// A file is one of a release, or of what is in it; one whose name ends in a slash is a folder.
type file struct {
	name string
	mode int64
	data []byte
}

// archive is a program and what goes with it, in one folder: .zip on Windows, else .tar.gz.
func (r *release) archive(p program, beside []file) (file, error) {
	binary, err := os.ReadFile(p.path)
	if err != nil {
		return file{}, err
	}
	name, pack, suffix := "train", tarball, ".tar.gz"
	if p.os == "windows" {
		name, pack, suffix = "train.exe", zipped, ".zip"
	}
	var files []file
	for _, f := range append([]file{{name, 0o755, binary}}, beside...) {
		files = append(files, file{r.name(p) + "/" + f.name, f.mode, f.data})
	}
	data, err := pack(files, r.when)
	return file{r.name(p) + suffix, 0o644, data}, err
}

// tarball is files of root's as a compressed tar.
func tarball(files []file, when time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		// USTAR has neither times of access nor parts of seconds.
		if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: when, Uname: "root", Gname: "root", Format: tar.FormatUSTAR}); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return compressed(b.Bytes())
}

// zipped is files as a zip.
func zipped(files []file, when time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: when}
		h.SetMode(os.FileMode(f.mode))
		entry, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// compressed is data as gzip writes it, without a name or a time, as Debian wants documents and
// pages.
func compressed(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = z.Write(data)
	err = errors.Join(err, z.Close())
	return b.Bytes(), err
}

// withFolders is files behind the folders that they are in, from ./ on, as dpkg makes them.
func withFolders(files []file) []file {
	folders := map[string]bool{}
	for _, f := range files {
		for dir := path.Dir(f.name); dir != "."; dir = path.Dir(dir) {
			folders["./"+dir+"/"] = true
		}
	}
	all := []file{{name: "./", mode: 0o755}}
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		all = append(all, file{name: dir, mode: 0o755})
	}
	for _, f := range files {
		all = append(all, file{"./" + f.name, f.mode, f.data})
	}
	return all
}
