package data

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

type parquetReview struct {
	Body *string `parquet:"body"`
}

type parquetRow struct {
	ID     int32         `parquet:"id"`
	Review parquetReview `parquet:"review"`
	Dotted string        `parquet:"a.b"`
	Stars  int64         `parquet:"stars,dict"`
	Tags   []string      `parquet:"tags,list"`
}

// parquetFile writes so many rows, of which the one of index 3 has no body, in groups of 50.
func parquetFile(t testing.TB, path string, n int, options ...parquet.WriterOption) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := parquet.NewGenericWriter[parquetRow](file, append(options, parquet.MaxRowsPerRowGroup(50))...)
	for i := range n {
		body := "é" + string(rune('a'+i%26))
		row := parquetRow{ID: int32(i), Review: parquetReview{&body}, Dotted: "d" + body, Stars: int64(i % 2), Tags: []string{"x", "y"}[:i%3%2]}
		if i == 3 {
			row.Review.Body = nil
		}
		if _, err := w.Write([]parquetRow{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// Every codec gives the same rows, lists beside them or not; numbers are labels.
func TestLoadReadsParquet(t *testing.T) {
	codecs := map[string]parquet.WriterOption{"plain": parquet.Compression(&parquet.Uncompressed), "snappy": parquet.Compression(&parquet.Snappy),
		"gzip": parquet.Compression(&parquet.Gzip), "zstd": parquet.Compression(&parquet.Zstd)}
	for name, codec := range codecs {
		src := Source{Task: TaskTable, Dir: t.TempDir(), Train: "t.parquet", Dev: "t.parquet", Text: []string{"review.body", "a.b"}, Label: "stars", SkipMalformed: true}
		parquetFile(t, filepath.Join(src.Dir, "t.parquet"), 170, codec)
		sets, err := Load(src)
		if err != nil {
			t.Fatal(name, err)
		}
		e := sets.Train.Examples
		if len(e) != 169 || !reflect.DeepEqual(sets.Train.Labels, []string{"0", "1"}) {
			t.Fatalf("%s: %d rows, labels %q, want 169 and 0, 1", name, len(e), sets.Train.Labels)
		}
		if want := (Example{Text: "ém", Pair: "dém", Line: 169}); !reflect.DeepEqual(e[167], want) {
			t.Errorf("%s: the row before the last is %+v", name, e[167])
		}
		if want := []Malformed{{4, `has no value in column "review.body"`}}; !reflect.DeepEqual(sets.Train.Skipped, want) {
			t.Errorf("%s: skipped %v, want %v", name, sets.Train.Skipped, want)
		}
	}
}

func TestBadParquet(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "t.parquet")
	parquetFile(t, good, 9)
	bytes, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"short.parquet": string(bytes[:len(bytes)/2]), "text.parquet": "text,label\na,b\n", "empty.parquet": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		file, text, label string
		line              int
		want              string
	}{
		{"t.parquet", "review.body", "stars", 4, `has no value in column "review.body"`},
		{"t.parquet", "review.title", "stars", 0, `there is no column "review.title", only "id", "review.body", "a.b", "stars", "tags.list.element"`},
		{"t.parquet", "id", "stars", 0, `the column "id" is INT32, want text`},
		{"t.parquet", "tags.list.element", "stars", 0, `the column "tags.list.element" is a list, want a value in each row`},
		{"t.parquet", "review", "stars", 0, `there is no column "review"`},
		{"short.parquet", "a.b", "stars", 0, "is no Parquet file that can be read"},
		{"text.parquet", "a.b", "stars", 0, "is no Parquet file that can be read"},
		{"empty.parquet", "a.b", "stars", 0, "is no Parquet file that can be read"},
	}
	for _, test := range tests {
		_, err := Load(Source{Task: TaskTable, Dir: dir, Train: test.file, Text: []string{test.text}, Label: test.label})
		wantError(t, err, filepath.Join(dir, test.file), test.line, test.want)
	}
}

// Texts are columns of a Parquet file as of a table, with what is kept, group after group; what
// has no text is malformed.
func TestTextsOfParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.parquet")
	parquetFile(t, path, 120)
	src := TextSource{Path: path, Text: []string{"review.body", "a.b"}, Keep: []string{"id", "stars"}}
	before, _, err := texts(src)
	wantError(t, err, path, 4, `has no value in column "review.body"`)
	if len(before) != 3 {
		t.Errorf("%d texts before the row without one, want 3", len(before))
	}
	src.SkipMalformed = true
	all, reader, err := texts(src)
	if err != nil || len(all) != 119 || reader.Skipped != 1 || !reader.Paired {
		t.Fatalf("%d texts, %d skipped, %v", len(all), reader.Skipped, err)
	}
	if last, want := all[118], (Example{Text: "ép", Pair: "dép", Line: 120, Kept: []string{"119", "1"}}); !reflect.DeepEqual(last, want) {
		t.Errorf("the last is %+v, want %+v", last, want)
	}
	counted, err := src.Count(t.Context(), []string{path})
	if err != nil || counted[0].Rows != 120 || counted[0].Malformed != 1 {
		t.Errorf("counted %+v, %v", counted, err)
	}
	src.Keep = []string{"nothing"}
	if _, err := OpenTexts(src); err == nil || !strings.Contains(err.Error(), `there is no column "nothing"`) {
		t.Errorf("a column that is not there: %v", err)
	}
	for content, want := range map[string]string{"PAR1 and no more PAR1": "its footer would have 543519343 bytes of 21", "": "it has 0 bytes", "PAR1\x00\x00\x00\x00PAR1": ""} {
		none, err := OpenTexts(TextSource{Path: write(t, "a.parquet", content), Text: []string{"a"}})
		if none != nil || err == nil || !strings.Contains(err.Error(), "is no Parquet file that can be read: "+want) {
			t.Errorf("%q: %v, want %s", content, err, want)
		}
	}
}

// Whatever stands in a Parquet file, its texts come or an error that names it.
func FuzzParquet(f *testing.F) {
	path := filepath.Join(f.TempDir(), "t.parquet")
	for _, codec := range []parquet.WriterOption{parquet.Compression(&parquet.Uncompressed), parquet.Compression(&parquet.Snappy)} {
		parquetFile(f, path, 5, codec)
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "t.parquet")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		all, reader, err := texts(TextSource{Path: path, Text: []string{"a.b"}, Keep: []string{"id"}, SkipMalformed: true})
		var placed *Error
		if err != nil && !errors.As(err, &placed) {
			t.Fatalf("%v is not a data error", err)
		}
		for _, e := range all {
			if len(e.Kept) != 1 || e.Line < 1 || reader.Paired {
				t.Fatalf("%+v of a column with one kept", e)
			}
		}
		if _, err := LookAt(path); err != nil && !errors.As(err, &placed) {
			t.Fatalf("looking: %v is not a data error", err)
		}
	})
}
