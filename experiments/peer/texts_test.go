package peer

import (
	"strconv"
	"testing"

	"github.com/powerbert/powerbert/data"
)

// Texts of pairs have both, others the first; what is picked of them is spread evenly.
func TestTexts(t *testing.T) {
	set := &data.Set{Paired: true}
	for i := range 10 {
		set.Examples = append(set.Examples, data.Example{Text: strconv.Itoa(i), Pair: "p"})
	}
	got := ""
	for _, text := range Spread(Texts(set), 4) {
		got += *text[0] + *text[1]
	}
	if got != "0p2p5p7p" {
		t.Errorf("picked %s of 0 to 9, want 0, 2, 5, 7", got)
	}
	set.Paired = false
	if list := Spread(Texts(set), 40); len(list) != 10 || list[9][1] != nil {
		t.Errorf("%d of 10 texts, want all, none a pair", len(list))
	}
}
