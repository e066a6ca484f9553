package data

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// corpus is files of 3, 0, 4 and 1 rows, one of them malformed, and what they hold.
func corpus(t *testing.T) (src TextSource, files []string) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"a.csv": "id,text\n1,a\n2,\"b\nb\"\n3,c\n", "b.csv": "", "c.csv.gz": zip(t, "id,text\n4,d\n5\n6,f\n7,g\n"), "d.csv": "id,text\n8,h\n", "e.csv": "id,text\n",
	} {
		writeTo(t, filepath.Join(dir, name), content)
	}
	src = TextSource{Text: []string{"text"}, Keep: []string{"id"}, SkipMalformed: true}
	files, err := src.TextFiles([]string{filepath.Join(dir, "*.csv*")})
	if err != nil || len(files) != 5 || filepath.Base(files[2]) != "c.csv.gz" {
		t.Fatalf("files %v, %v", files, err)
	}
	return src, files
}

// idsOf reads texts to their end, which it closes.
func idsOf(t *testing.T, rows *TextRows) (ids, of []string) {
	t.Helper()
	for {
		e, err := rows.Next()
		if err == io.EOF {
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
			return ids, of
		}
		if err != nil {
			t.Fatal(err)
		}
		ids, of = append(ids, e.Kept[0]), append(of, filepath.Base(rows.File()))
	}
}

func TestCountFiles(t *testing.T) {
	src, files := corpus(t)
	counted, err := src.Count(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	rows, bad := []int{}, []int{}
	for i, f := range counted {
		rows, bad = append(rows, f.Rows), append(bad, f.Malformed)
		if f.Name != files[i] {
			t.Errorf("file %d is %s, want %s", i, f.Name, files[i])
		}
	}
	if !slices.Equal(rows, []int{3, 0, 4, 1, 0}) || !slices.Equal(bad, []int{0, 0, 1, 0, 0}) || counted[0].Bytes != 24 {
		t.Errorf("rows %v, malformed %v, %d bytes", rows, bad, counted[0].Bytes)
	}
	src.SkipMalformed = false
	_, err = src.Count(t.Context(), files)
	wantError(t, err, files[2], 3, "column count is 1, want 2")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := src.Count(ctx, files); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted count gives %v", err)
	}
}

// Every cut of the rows into two ranges gives all rows once, in their order.
func TestRangesOfRows(t *testing.T) {
	src, files := corpus(t)
	whole, err := OpenFiles(src, files)
	if err != nil {
		t.Fatal(err)
	}
	want, of := idsOf(t, whole)
	if !slices.Equal(want, []string{"1", "2", "3", "4", "6", "7", "8"}) || of[2] != "a.csv" || of[3] != "c.csv.gz" || of[6] != "d.csv" {
		t.Fatalf("rows %v of %v", want, of)
	}
	if named := []Malformed{{Reason: files[2] + ":3: column count is 1, want 2"}}; whole.Skipped != 1 || !reflect.DeepEqual(whole.Named, named) {
		t.Errorf("%d skipped, %v", whole.Skipped, whole.Named)
	}
	counted, err := src.Count(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range 9 {
		var got []string
		skipped := 0
		for _, r := range [][2]int{{0, cut}, {cut, 8}} {
			rows, err := OpenRows(src, counted, r[0], r[1])
			if err != nil {
				t.Fatal(err)
			}
			ids, _ := idsOf(t, rows)
			got, skipped = append(got, ids...), skipped+rows.Skipped
			if n := r[1] - r[0]; len(ids)+rows.Skipped != n {
				t.Errorf("rows %v: %d and %d skipped, want %d", r, len(ids), rows.Skipped, n)
			}
		}
		if !slices.Equal(got, want) || skipped != 1 {
			t.Errorf("cut at %d: %v, %d skipped", cut, got, skipped)
		}
	}
}

// A file that has lost rows since they were counted is none to go on with.
func TestRangeOfAFileThatShrank(t *testing.T) {
	src, files := corpus(t)
	counted, err := src.Count(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	writeTo(t, files[3], "id,text\n")
	rows, err := OpenRows(src, counted, 7, 8)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rows.Next()
	wantError(t, err, files[4], 0, "has fewer rows than when they were counted")
	writeTo(t, files[0], "id,text\n1,a\n")
	_, err = OpenRows(src, counted, 2, 3)
	wantError(t, err, files[0], 0, "has fewer rows than when they were counted")
}

// Files of one name, of two formats or of two headers are refused by name.
func TestFilesThatDoNotGoTogether(t *testing.T) {
	dir := t.TempDir()
	a, b, lines := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv"), filepath.Join(dir, "c.txt")
	writeTo(t, a, "id,text\n1,a\n")
	writeTo(t, b, "text,id\nb,2\n")
	writeTo(t, lines, "c\n")
	src := TextSource{Text: []string{"text"}}
	_, err := src.TextFiles([]string{a, filepath.Join(dir, "*.csv")})
	wantError(t, err, a, 0, "comes twice among the files of texts")
	_, err = src.TextFiles([]string{a, lines})
	wantError(t, err, lines, 0, "is lines, but "+a+" is csv")
	const differs = `the header is "text", "id", want "id", "text" as in the files before it`
	_, err = OpenFiles(src, []string{a, b})
	wantError(t, err, b, 1, differs)
	_, err = src.Count(t.Context(), []string{a, b})
	wantError(t, err, b, 1, differs)
	_, err = src.Count(t.Context(), []string{a, b + "x"})
	wantError(t, err, b+"x", 0, "no such file")
	src.Format = CSV
	if files, err := src.TextFiles([]string{a, lines}); err != nil || len(files) != 2 {
		t.Errorf("with a format told: %v, %v", files, err)
	}
	_, err = (TextSource{Format: RACE}).TextFiles([]string{t.TempDir()})
	if err == nil {
		t.Error("a folder of no passages gives no error")
	}
}
