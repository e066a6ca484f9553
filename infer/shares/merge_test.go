package shares

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
)

// source reads the texts of these tests, whose ids are kept.
var source = data.TextSource{Text: []string{"text"}, Keep: []string{"id"}, SkipMalformed: true}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// begun is a plan for 11 rows in two files, the seventh of which is malformed.
func begun(t *testing.T, of int, format string) *Plan {
	t.Helper()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	put(t, a, "id,text\n0,a\n1,b\n2,c\n3,d\n")
	put(t, b, "id,text\n4,a\n5,b\n6\n7,d\n8,e\n9,f\n10,g\n")
	asked := Plan{Shares: of, Model: "m", Format: format, Settings: map[string]string{"text": "text", "keep": "id"}}
	p, err := asked.Begin(t.Context(), filepath.Join(dir, "parts"), source, []string{a, b})
	if err != nil {
		t.Fatal(err)
	}
	again, err := asked.Begin(t.Context(), filepath.Join(dir, "parts"), source, []string{a, b})
	if err != nil || again.digest() != p.digest() || p.Rows() != 11 {
		t.Fatalf("begun again: %+v, %v, want %+v", again, err, p)
	}
	return p
}

// labelOf is what is said of an id.
func labelOf(id string) string { return []string{"x", "y", ""}[len(id)*int(id[0])%3] }

// complete predicts a share.
func complete(t *testing.T, p *Plan, index int) *Record {
	t.Helper()
	r, err := p.Open(p.Share(index))
	if err != nil {
		t.Fatal(err)
	}
	texts, err := r.Texts(source)
	if err != nil {
		t.Fatal(err)
	}
	var part bytes.Buffer
	var table *data.ParquetWriter
	for {
		e, err := texts.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		id := e.Kept[0]
		switch {
		case p.Format == data.Parquet:
			if table == nil {
				if table, err = data.NewParquetWriter(&part, []string{"id", "label"}, []any{id, labelOf(id)}); err != nil {
					t.Fatal(err)
				}
			}
			err = table.Write([]any{id, labelOf(id)})
		case p.Format == data.JSONL:
			_, err = fmt.Fprintf(&part, "{\"id\":%q,\"label\":%q}\n", id, labelOf(id))
		case part.Len() == 0:
			_, err = fmt.Fprintf(&part, "id,label\n%s,%s\n", id, labelOf(id))
		default:
			_, err = fmt.Fprintf(&part, "%s,%s\n", id, labelOf(id))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if table != nil {
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
	}
	put(t, r.Path(), part.String())
	if err := errors.Join(texts.Close(), r.Ran(r.Read, 2*time.Second), r.End(texts.Skipped)); err != nil {
		t.Fatal(err)
	}
	return r
}

// all is a plan all of whose shares are complete.
func all(t *testing.T, of int, format string) *Plan {
	t.Helper()
	p := begun(t, of, format)
	for i := range of {
		complete(t, p, i)
	}
	return p
}

var byID = &ID{Name: "id", Source: source}

// The parts together are the whole, in the order of the texts, whatever their number.
func TestMerge(t *testing.T) {
	ids := []string{"0", "1", "2", "3", "4", "5", "7", "8", "9", "10"}
	labels := map[string]int{}
	wantCSV, wantLines := "id,label\n", ""
	for _, id := range ids {
		labels[labelOf(id)]++
		wantCSV += id + "," + labelOf(id) + "\n"
		wantLines += fmt.Sprintf("{\"id\":%q,\"label\":%q}\n", id, labelOf(id))
	}
	for _, of := range []int{1, 3, 14} {
		for format, want := range map[string]string{data.CSV: wantCSV, data.JSONL: wantLines} {
			var out bytes.Buffer
			whole, err := all(t, of, format).Merge(&out, byID)
			if err != nil || out.String() != want {
				t.Fatalf("%d parts of %s:\n%s%v, want\n%s", of, format, out.String(), err, want)
			}
			w := Whole{Shares: of, Files: 2, Rows: 11, Skipped: 1, Predicted: 10, Labels: labels, IDs: 10, Seconds: float64(2 * of), PerSecond: 11 / float64(2*of)}
			if math.Abs(whole.PerSecond-w.PerSecond) > 1e-9 {
				t.Errorf("%g texts a second, want %g", whole.PerSecond, w.PerSecond)
			}
			if whole.PerSecond = w.PerSecond; !reflect.DeepEqual(*whole, w) {
				t.Errorf("%d parts of %s: %+v, want %+v", of, format, *whole, w)
			}
		}
	}
}

func TestMergeOfParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "all.parquet")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := all(t, 3, data.Parquet).Merge(file, byID)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	var ids []string
	again := data.NewParquetJoin(io.Discard)
	err = again.Add(path, func(names []string) func([]string) {
		return func(values []string) { ids = append(ids, values[0]+values[1]) }
	})
	if err != nil || len(ids) != 10 || whole.IDs != 10 {
		t.Fatalf("rows %v, %v, %+v, want 10", ids, err, whole)
	}
	for i, id := range []string{"0", "1", "2", "3", "4", "5", "7", "8", "9", "10"} {
		if ids[i] != id+labelOf(id) {
			t.Errorf("row %d is %s, want %s", i, ids[i], id+labelOf(id))
		}
	}
}

// What is wrong with parts is named, all of it at once.
func TestMergeOfPartsThatAreNotWhole(t *testing.T) {
	const damaged = "is not as it was written (CRC-32C "
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, p *Plan)
		want  []string
	}{
		{"a share is missing", func(t *testing.T, p *Plan) {
			for _, i := range []int{1, 3, 4} {
				os.Remove(p.Share(i).record(p.dir))
			}
		}, []string{"parts: shares 1,3-4 of 5 have no record: predict them"}},
		{"a share is half done", func(t *testing.T, p *Plan) { again(t, p, 2) }, []string{"parts: shares 2 of 5 are not complete: predict them with --resume"}},
		{"a share of another plan", func(t *testing.T, p *Plan) {
			r, _ := p.record(p.Share(2))
			r.Plan = "other"
			if err := r.write(); err != nil {
				t.Error(err)
			}
		}, []string{"parts: shares 2 of 5 are of another model, other files or other settings"}},
		{"a part of another corpus", func(t *testing.T, p *Plan) { put(t, filepath.Join(p.dir, "part-00000-of-00003.csv"), "") },
			[]string{"part-00000-of-00003.csv: is no part of this corpus; remove it"}},
		{"a part is gone", func(t *testing.T, p *Plan) { os.Remove(p.Share(2).Part(p.dir, p.Format)) }, []string{"part-00002-of-00005.csv: no such file"}},
		{"a part is cut", rewrite(1, "id,label\n3,x\n"), []string{
			"part-00001-of-00005.csv: is shorter than the 17 bytes that it had", `part-00002-of-00005.csv: id "4" is missing`}},
		{"a row is there twice", rewrite(1, "id,label\n3,x\n3,x\n"), []string{
			damaged, `part-00001-of-00005.csv: id "3" is there again`, `part-00002-of-00005.csv: id "4" is missing`}},
		{"a row of no text", rewrite(1, "id,label\n3,x\nz,y\n"), []string{
			damaged, `part-00001-of-00005.csv: id "z" is of no text hereabouts`, `part-00002-of-00005.csv: id "4" is missing`}},
		{"a row more, after all of the part", rewrite(2, "id,label\n5,x\n7,y\n8,z\n"), []string{damaged}},
		{"another label", rewrite(1, "id,label\n3,z\n4,z\n"), []string{damaged}},
		{"the last row is missing", rewrite(4, "id,label\n9,x\n"), []string{`part-00004-of-00005.csv: id "10" is missing`}},
		{"another header", rewrite(1, "id,said\n3,x\n4,y\n"), []string{"part-00001-of-00005.csv: has the columns id,said, want id,label as the parts before it"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := all(t, 5, data.CSV)
			c.spoil(t, p)
			_, err := p.Merge(nil, byID)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error is\n%v\nwant\n%s", err, want)
				}
			}
		})
	}
}

// rewrite puts another text into a part.
func rewrite(index int, text string) func(*testing.T, *Plan) {
	return func(t *testing.T, p *Plan) { put(t, p.Share(index).Part(p.dir, p.Format), text) }
}

// again makes a share one that is not done.
func again(t *testing.T, p *Plan, index int) {
	r, err := p.record(p.Share(index))
	if err := errors.Join(err, r.Again()); err != nil {
		t.Error(err)
	}
}

// A record that agrees with a part whose rows are not those of its texts is found by ids, and
// by the number of rows without them.
func TestMergeHoldsIDsAgainstTheTexts(t *testing.T) {
	p := all(t, 3, data.CSV)
	r, err := p.record(p.Share(1))
	if err != nil {
		t.Fatal(err)
	}
	put(t, r.Path(), "id,label\n4,x\n7,y\n")
	if err := r.End(r.Skipped); err != nil {
		t.Fatal(err)
	}
	_, err = p.Merge(nil, nil)
	if want := "has 2 rows, want the 3 of its record"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("without ids the error is %v, want %s", err, want)
	}
	_, err = p.Merge(nil, byID)
	if want := `id "5" is missing`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("with ids the error is %v, want %s", err, want)
	}
	put(t, p.Files[1].Name, "id,text\n")
	_, err = p.Merge(nil, byID)
	if want := "ids are held against the files as they were"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("with other files the error is %v, want %s", err, want)
	}
}

// Many rows that are missing are counted, and the first of them named.
func TestMergeNamesTheFirstIDs(t *testing.T) {
	p := begun(t, 1, data.CSV)
	r := complete(t, p, 0)
	put(t, r.Path(), "id,label\n")
	if err := r.End(1); err != nil {
		t.Fatal(err)
	}
	c, err := p.checkIDs(byID)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		c.take(fmt.Sprint("x", i))
	}
	if err := c.end(); strings.Count(err.Error(), "is missing") != data.MostNamed-5 || !strings.HasSuffix(err.Error(), "5 more ids are missing, there again or unknown") {
		t.Errorf("error is\n%v", err)
	}
}

// A label of several is counted by itself, and none where there are scores.
func TestLabelsOfRows(t *testing.T) {
	count := func(format, text string) map[string]int {
		path := filepath.Join(t.TempDir(), "part")
		put(t, path, text)
		var w Whole
		if err := newJoin(format, nil).add(path, "", w.count); err != nil {
			t.Fatal(err)
		}
		return w.Labels
	}
	several := map[string]int{"a": 2, "b": 1}
	if got := count(data.CSV, "label,labels,probability\na,a|b,1\nb,,0\na,a,1\n"); !reflect.DeepEqual(got, several) {
		t.Errorf("labels of a CSV are %v, want %v", got, several)
	}
	if got := count(data.JSONL, "{\"label\":\"a\",\"labels\":[\"a\",\"b\"]}\n{\"label\":\"b\",\"labels\":[]}\n{\"label\":\"a\",\"labels\":[\"a\"]}"); !reflect.DeepEqual(got, several) {
		t.Errorf("labels of JSON lines are %v, want %v", got, several)
	}
	if got := count(data.CSV, "score\n1\n"); got != nil {
		t.Errorf("labels of scores are %v", got)
	}
}
