package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
)

// Enter takes the guess, what is no column is asked for again, and what flags name is not
// asked for.
func TestAskDraft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reviews.csv")
	rows := "id,title,stars,review\n"
	for i := range 40 {
		rows += fmt.Sprintf("%d,title number %d here,%d,\"the film, number %d, was as it was, truly\"\n", i, i, 1+i%2, i)
	}
	if err := os.WriteFile(path, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	look, err := data.LookAt(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		given         configs.Draft
		answers, want string // text, label, model
		asked         int
	}{
		{configs.Draft{}, "\n\n\n", "[review] stars google-bert/bert-base-uncased", 3},
		{configs.Draft{}, "rating\nid\ntitle,review,id\ntitle, review\n mine \n", "[title review] id mine", 5},
		{configs.Draft{Label: "stars", Model: "m"}, "title\n", "[title] stars m", 1},
		{configs.Draft{Label: "stars", Text: []string{"review"}, Model: "m"}, "", "[review] stars m", 0},
		{configs.Draft{}, "\n", "", 2},
	} {
		d, said := c.given, &strings.Builder{}
		d.Look = look
		err := askDraft(&d, bufio.NewReader(strings.NewReader(c.answers)), said)
		if got := fmt.Sprint(d.Text, " ", d.Label, " ", d.Model); (err != nil) != (c.want == "") || err == nil && got != c.want {
			t.Errorf("%q: %s, %v, want %s", c.answers, got, err, c.want)
		}
		if n := strings.Count(said.String(), "]: "); n != c.asked {
			t.Errorf("%q: %d questions, want %d:\n%s", c.answers, n, c.asked, said)
		}
	}
	if asksAt(strings.NewReader(""), os.Stderr) {
		t.Error("a pipe is asked")
	}
}
