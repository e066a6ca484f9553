package report

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/experiments/exptest"
)

var givenPage = flag.String("page", "", "a report.html to open in Chromium, which then must be there")

func TestChromiumShowsTheReport(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	program := exptest.Chromium(t, *givenPage != "")
	page, figures := pageOf(t, measured(t)), 11+len(measured(t).Sentences) // the script draws one for each of these
	if *givenPage != "" {
		text, err := os.ReadFile(*givenPage)
		if err != nil {
			t.Fatal(err)
		}
		page = string(text)
	}
	if faults := exptest.Look(t, program, page, figures); len(faults) > 0 {
		t.Errorf("the report: %s", strings.Join(faults, "\n"))
	}
}

// walk looks whether the survivors' view shows the word that is walked to, and what is left
// after an encoder.
const walk = `<script>addEventListener("load", () => {
  const card = document.querySelector(".survivors"), words = card.querySelectorAll(".words span"), says = () => card.querySelector(".fate p").textContent;
  words[0].focus();
  words[0].dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
  if (document.activeElement !== words[1] || says() !== "w1 goes at encoder 2 of 3: in encoder 2 its score is 0.5, rank 2 of 40, of which 20 go on") console.error("walking shows " + says());
  if (card.querySelectorAll(".fate rect.enter").length !== 3 || card.querySelectorAll(".fate circle").length !== 2) console.error("the ladder lacks a step");
  card.querySelectorAll(".after button")[1].click();
  if (card.querySelectorAll(".words .out").length !== 40) console.error("after encoder 2 not 20 of 60 are left");
  if (card.querySelector(".words").getBoundingClientRect().height > 700) console.error("sixty words take too much room");
});</script></body>`

// A sentence of sixty words can be read and walked at every width.
func TestChromiumWalksTheSurvivors(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	r := *measured(t)
	s := Sentence{Gold: "a", Predicted: "a", Entering: []int{60, 40, 20}}
	for i := range 60 {
		s.Words = append(s.Words, Word{Text: fmt.Sprintf("w%d", i), Survives: i % 3, Ranks: []int{i + 1, 2}[:min(i%3+1, 2)], Score: 0.5})
	}
	r.Sentences = []Sentence{s}
	page := strings.Replace(pageOf(t, &r), "</body>", walk, 1)
	if faults := exptest.Look(t, exptest.Chromium(t, false), page, 11+1); len(faults) > 0 {
		t.Errorf("the survivors: %s", strings.Join(faults, "\n"))
	}
}

// The picture of a confusion keeps its layout from two labels to a hundred and fifty, and so
// do long names and texts.
func TestChromiumShowsMistakes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	program := exptest.Chromium(t, false)
	r := *measured(t)
	for _, labels := range []int{2, 12, 24, 150} {
		r.Mistakes = madeUp(labels)
		if faults := exptest.Look(t, program, pageOf(t, &r), 10+12+len(r.Sentences)); len(faults) > 0 {
			t.Errorf("%d labels: %s", labels, strings.Join(faults, "\n"))
		}
	}
}
