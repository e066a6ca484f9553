package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A known is a licence by what its text says and, where another has the same words and more,
// does not say.
type known struct {
	id          string
	says, lacks *regexp.Regexp // lacks: nil where there is no such other
}

// knowns are licences under their names in SPDX's list.
var knowns = []known{
	{"Apache-2.0", regexp.MustCompile(`apache license.{0,20}version 2.0`), nil},
	{"BSD-2-Clause", regexp.MustCompile(`redistributions of source code must retain`), regexp.MustCompile(`(neither|nor) the names?`)},
	{"BSD-3-Clause", regexp.MustCompile(`redistributions of source code must retain.*(neither|nor) the names?`), nil},
	{"CC-BY-4.0", regexp.MustCompile(`creative commons attribution 4.0`), nil},
	{"ISC", regexp.MustCompile(`permission to use, copy, modify,? and(/or)? distribute this software`), nil},
	{"MIT", regexp.MustCompile(`permission is hereby granted, free of charge`), nil},
	{"MPL-2.0", regexp.MustCompile(`mozilla public license.{0,20}2.0`), nil},
	{"OFL-1.1", regexp.MustCompile(`sil open font license.{0,20}1.1`), nil},
	{"Unlicense", regexp.MustCompile(`this is free and unencumbered software`), nil},
}

// spdx lists the licences of a text by their names in SPDX's list.
func spdx(text []byte) (ids []string) {
	plain := strings.ToLower(strings.Join(strings.Fields(string(text)), " "))
	for _, k := range knowns {
		if k.says.MatchString(plain) && (k.lacks == nil || !k.lacks.MatchString(plain)) {
			ids = append(ids, k.id)
		}
	}
	return ids
}

// licences are those of a module's folder for a bill of materials: SPDX's names where the
// texts tell them, else the first line of each.
func licences(dir string) (list []any, err error) {
	texts, err := legal(dir)
	if err != nil {
		return nil, err
	}
	var ids, names []string
	for _, t := range texts {
		if hasAnyPrefix(strings.ToUpper(t.name), "NOTICE", "PATENTS") {
			continue
		}
		found := spdx(t.data)
		ids = append(ids, found...)
		if len(found) == 0 {
			first, _, _ := strings.Cut(strings.TrimSpace(string(t.data)), "\n")
			names = append(names, cmp.Or(strings.TrimSpace(first), t.name))
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		list = append(list, map[string]any{"license": map[string]string{"id": id}})
	}
	for _, name := range names {
		list = append(list, map[string]any{"license": map[string]string{"name": name}})
	}
	return list, nil
}

// legal are the files of a folder that say under which terms it may be used.
func legal(dir string) (files []file, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() || !hasAnyPrefix(strings.ToUpper(e.Name()), "LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE", "PATENTS") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, file{e.Name(), 0o644, text})
	}
	return files, nil
}

// licensed gives each component of a bill the licences of its module, of whose folders dirs
// are, by path and version.
func licensed(bill []byte, dirs map[string]string) ([]byte, error) {
	var all map[string]any
	if err := json.Unmarshal(bill, &all); err != nil {
		return nil, err
	}
	components, _ := all["components"].([]any)
	for _, c := range components {
		component := c.(map[string]any)
		module := fmt.Sprint(component["name"], " ", component["version"])
		list, err := licences(dirs[module])
		if err != nil {
			return nil, fmt.Errorf("the licence of %s: %w", module, err)
		}
		component["licenses"] = list
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(all)
	return out.Bytes(), err
}
