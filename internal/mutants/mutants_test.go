package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// sample is a package of one small file, in a folder.
func sample(t *testing.T) *pkg {
	t.Helper()
	p := &pkg{ImportPath: "example.org/low", Dir: t.TempDir(), GoFiles: []string{"low.go"}}
	const text = "package low\n\nimport \"fmt\"\n\nfunc f(a int) int {\n\tif a > 0.5 {\n\t\tfmt.Print(a)\n\t}\n\treturn -a + 7\n}\n"
	if err := os.WriteFile(filepath.Join(p.Dir, "low.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

// Every operator, number, condition and call changes, where it stands, and nothing of the
// imports.
func TestMutantsOfAFile(t *testing.T) {
	all, err := mutantsOf([]*pkg{sample(t)})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"6:5: a > 0.5 → false && (a > 0.5)", "6:7: > → >=", "6:7: > → <", "6:9: 0.5 → (0.5/2)",
		"7:3: fmt.Print(a) → func() { if false { fmt.Print(a) } }()", "9:12: + → -", "9:9: - →", "9:14: 7 → 8",
	}
	var got []string
	for _, m := range all {
		got = append(got, fmt.Sprintf("%d:%d: %s → %s", m.place.Line, m.place.Column, m.was, m.now))
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] && got[i] != want[i]+" " {
			t.Fatalf("changes are\n%q, want\n%q", got, want)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d changes, want %d", len(got), len(want))
	}
}

// A draw is a seed's own, and what is judged again are the survivors of a file.
func TestDrawAndAgain(t *testing.T) {
	p := sample(t)
	all, err := mutantsOf([]*pkg{p})
	if err != nil {
		t.Fatal(err)
	}
	names := func(list []mutant) (names []string) {
		for _, m := range list {
			names = append(names, m.String())
		}
		return names
	}
	if a, b := names(draw(all, 5, 1)), names(draw(all, 5, 1)); !slices.Equal(a, b) || len(a) != 5 || slices.Equal(a, names(draw(all, 5, 2))) {
		t.Errorf("draws %q and %q", a, b)
	}
	file := filepath.Join(t.TempDir(), "outcomes.jsonl")
	lines := fmt.Sprintf("{\"mutant\":%q,\"fate\":\"killed\"}\n{\"mutant\":%q,\"fate\":\"survived\"}\n{\"mutant\":\"gone\",\"fate\":\"survived\"}\n", all[1], all[2])
	if err := os.WriteFile(file, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	if list, err := survivors(all, file); err != nil || !slices.Equal(names(list), names(all[2:3])) {
		t.Errorf("survivors %q (%v), want %q", names(list), err, all[2])
	}
	if _, err := survivors(all, file+"l"); err == nil {
		t.Error("a file that is not there has survivors")
	}
}

// The short tests of the package judge first, then those of the named ones that import it,
// and then the whole tests of all that do.
func TestTrials(t *testing.T) {
	low, named, other := sample(t), &pkg{ImportPath: "named", Deps: []string{"example.org/low"}}, &pkg{ImportPath: "other"}
	high := &pkg{ImportPath: "high", Deps: []string{"example.org/low", "named"}}
	c := court{named: []*pkg{low, named, other}, limit: time.Second}
	describe := func() (list []string) {
		for _, trial := range c.trials(mutant{in: low}) {
			list = append(list, fmt.Sprint(trial.by.ImportPath, trial.flags))
		}
		return list
	}
	short := []string{"example.org/low[-short]", "named[-short]"}
	if got := describe(); !slices.Equal(got, short) {
		t.Errorf("trials %q, want %q", got, short)
	}
	c.whole = []*pkg{low, named, other, high}
	if got, want := describe(), append(short, "example.org/low[]", "named[]", "high[]"); !slices.Equal(got, want) {
		t.Errorf("trials %q, want %q", got, want)
	}
	if _, err := wholeCourt(context.Background(), "some"); err == nil || err.Error() != `-judges is "some", want short or all` {
		t.Errorf("error %v", err)
	}
}
