package paper

import (
	"io"
	"reflect"
	"testing"
	"time"

	"github.com/powerbert/powerbert/experiments/report"
)

func TestSurvivorsAreThoseOfTheReport(t *testing.T) {
	s := figure(t, "survivors").Result.(*Survivors)
	r, err := report.Measure(t.Context(), figured(t), report.Options{Examples: 20, Budget: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s.Sentences, r.Sentences) || s.Encoders != 4 {
		t.Errorf("sentences %+v, want those of the report %+v", s.Sentences, r.Sentences)
	}
	odd := Figure{Result: &Survivors{Encoders: 4, Sentences: s.Sentences[:3]}}
	if err := odd.draw(io.Discard, "svg"); err != nil {
		t.Errorf("three sentences, two in a row: %v", err)
	}
	long := report.Sentence{Words: make([]report.Word, drawnWords+1), Gold: "a", Predicted: "b"}
	if p, err := s.panel(&long); err != nil || p.Title.Text != "a, predicted b (the first 60 of 61 words)" {
		t.Errorf("a long sentence: %v, %v", p.Title.Text, err)
	}
}
