package data

import (
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/problem"
)

// Two files of RACE in its layout.
var raceFiles = map[string]string{
	"dev/middle/2.txt": `{"answers": ["B", "D"], "options": [["a cat", "a dog", "a cow", "a hen"], ["1", "2", "3", "4"]],
		"questions": ["Tom has _ .", "How many?"], "article": "Tom has a dog.\nIt is 4.", "id": "middle2.txt"}`,
	"dev/high/10.txt": `{"answers": ["A"], "options": [["é", "f", "g", "h"]], "questions": ["Which?"], "article": "An é.", "id": "high10.txt"}` + "\n",
}

func TestRACE(t *testing.T) {
	dir := tree(t, raceFiles)
	set, err := LoadFile(Source{Task: TaskRACE}, filepath.Join(dir, "dev"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Example{
		{Text: "An é.", Options: []string{"Which? é", "Which? f", "Which? g", "Which? h"}, Label: 0},
		{Text: "Tom has a dog.\nIt is 4.", Options: []string{"Tom has a cat .", "Tom has a dog .", "Tom has a cow .", "Tom has a hen ."}, Label: 1},
		{Text: "Tom has a dog.\nIt is 4.", Options: []string{"How many? 1", "How many? 2", "How many? 3", "How many? 4"}, Label: 3},
	}
	for i, file := range []string{"high/10.txt", "middle/2.txt", "middle/2.txt"} {
		want[i].File = filepath.Join(dir, "dev", file)
	}
	if !reflect.DeepEqual(set.Examples, want) || set.Problem != problem.MultipleChoice || !reflect.DeepEqual(set.Counts(), []int{1, 1, 0, 1}) {
		t.Errorf("got %+v\nwant %+v", set, want)
	}
	middle, err := LoadFile(Source{Task: TaskRACE}, filepath.Join(dir, "dev", "middle"), nil)
	if err != nil || !reflect.DeepEqual(middle.Examples, want[1:]) {
		t.Errorf("middle is %+v, %v", middle, err)
	}
}

func TestRACEMalformed(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"no JSON", "Once upon a time", "is not a JSON object of RACE: invalid character 'O' looking for beginning of value"},
		{"cut", `{"article": "x`, "is not a JSON object of RACE: unexpected EOF"},
		{"a list", `[1]`, "is an array, want a JSON object of RACE"},
		{"a key of another type", `{"article": 3}`, "is no passage of RACE: article is of type number"},
		{"nothing in it", `{}`, "is no passage of RACE, want article, questions, options and answers"},
		{"an answer too few", `{"article": "x", "questions": ["q", "q"], "options": [["1","2","3","4"],["1","2","3","4"]], "answers": ["A"]}`,
			"has 2 questions, 2 lists of options and 1 answers, want as many of each"},
		{"three options", `{"article": "x", "questions": ["q"], "options": [["1","2","3"]], "answers": ["A"]}`, "has a question of other than 4 options"},
		{"not UTF-8", "{\"article\": \"\xe9\", \"questions\": [\"q\"], \"options\": [[\"1\",\"2\",\"3\",\"4\"]], \"answers\": [\"A\"]}", string(notUTF8)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := tree(t, raceFiles)
			bad := filepath.Join(dir, "dev", "high", "bad.txt")
			writeTo(t, bad, test.content)
			_, err := LoadFile(Source{Task: TaskRACE}, filepath.Join(dir, "dev"), nil)
			wantError(t, err, bad, 0, test.want)
			set, err := LoadFile(Source{Task: TaskRACE, SkipMalformed: true}, filepath.Join(dir, "dev"), nil)
			if err != nil || len(set.Examples) != 3 || len(set.Skipped) != 1 || set.Skipped[0].String() != bad+": "+test.want {
				t.Errorf("got %+v, %v", set, err)
			}
		})
	}
	dir := tree(t, map[string]string{"bad.txt": `{"article": "x", "questions": ["q"], "options": [["1","2","3","4"]], "answers": ["E"]}`})
	_, err := LoadFile(Source{Task: TaskRACE}, dir, nil)
	wantError(t, err, dir, 0, `label "E" is not one of "A", "B", "C", "D"`)
}

// Questions that are still to be answered: a folder, and passages one after another.
func TestOpenTextsRACE(t *testing.T) {
	unanswered := `{"questions": ["Which?"], "options": [["e", "f", "g", "h"]], "article": "An e."}`
	for _, src := range []TextSource{
		{Path: tree(t, map[string]string{"a.txt": unanswered, "b.txt": unanswered}), Format: RACE, Options: 4},
		{Path: write(t, "test.jsonl", unanswered+"\n"+unanswered), Format: RACE, Options: 4},
		{Path: "-", Input: strings.NewReader(unanswered + unanswered), Format: RACE, Options: 4},
	} {
		texts, err := OpenTexts(src)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			e, err := texts.Next()
			if want := (Example{Text: "An e.", Options: []string{"Which? e", "Which? f", "Which? g", "Which? h"}}); err != nil || !reflect.DeepEqual(e, want) {
				t.Errorf("got %+v, %v", e, err)
			}
		}
		if _, err := texts.Next(); err != io.EOF {
			t.Errorf("the end is %v", err)
		}
	}
	texts, err := OpenTexts(TextSource{Path: "none", Format: RACE, Options: 4})
	if err == nil {
		_, err = texts.Next()
	}
	wantError(t, err, "none", 0, "no such file or directory")
}

func TestEncodeChoices(t *testing.T) {
	set := &Set{Problem: problem.MultipleChoice, Examples: []Example{{Text: "a b c a", Options: []string{"b", "cd c"}, Label: 1}}}
	got := Encode(set, smallTokenizer(t), 7)[0]
	want := Encoded{Label: 1, Cut: 1 + 3, Choices: []Encoded{
		{IDs: []int32{2, 5, 6, 7, 3, 6, 3}, Types: []int32{0, 0, 0, 0, 0, 1, 1}, Cut: 1},
		{IDs: []int32{2, 5, 3, 7, 8, 7, 3}, Types: []int32{0, 0, 0, 1, 1, 1, 1}, Cut: 3},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if lengths := Lengths([]Encoded{got, {IDs: []int32{2, 3}}}); !reflect.DeepEqual(lengths, []int{7, 7, 2}) || got.Tokens() != 14 {
		t.Errorf("lengths %v, %d tokens", lengths, got.Tokens())
	}
}
