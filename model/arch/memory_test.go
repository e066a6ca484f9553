package arch

import (
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// Each term by hand: H 15, F 22, 5 heads, 3 encoders, sequences of 3 and 5. What real
// networks hold, package model compares.
func TestActivationsByHand(t *testing.T) {
	const h, f, heads = 15, 22, 5
	dense := 8*h + 4*8*h + 2*8*f + heads*34 + 3*8*h // an encoder of all 8 rows, 9 + 25 probabilities a head
	c := odd(DefaultBERT())
	n := c.Net()
	for name, test := range map[string]struct {
		pass  Pass
		padTo int
		want  int
	}{
		// Hidden rows, a sum, Q K V, the last encoder's K and V, the feed-forward, P of [CLS].
		"inference":         {Pass{}, 0, 3*8*h + 8*h + 3*8*h + 2*8*h + 2*8*f + heads*8},
		"inspected":         {Pass{Inspect: true}, 0, 2*8*h + 8*h + 3*8*h + 2*8*h + 2*8*f + heads*8 + 3*8*h + 3*8*h + 3*2*h},
		"inference, padded": {Pass{}, 6, 3*12*h + 12*h + 3*12*h + 2*12*h + 2*12*f + heads*12},
		"inference, full":   {Pass{Full: true}, 0, 3*8*h + 8*h + 3*8*h + 2*8*f},
		// P of the first encoder once, for what goes on is read where it lies; Q K V beside.
		"inference, hard": {Pass{Elimination: retention.Elimination{Keep: []int{4, 2, 1}, Length: 5}}, 0, 3*8*h + 7*h + 3*8*h + 2*4*h + 2*7*f + heads*34},
		// Rows 8 → 7 → 4 → 2, P twice where some go.
		"hard": {Pass{Elimination: retention.Elimination{Keep: []int{4, 2, 1}, Length: 5}, Train: true}, 0, 8*h +
			8*h + 4*7*h + 2*7*f + 2*heads*34 + 3*8*h + 2*(7-2)*f +
			7*h + 4*4*h + 2*4*f + 2*heads*25 + 3*7*h + 2*(4-2)*f +
			4*h + 4*2*h + 2*2*f + heads*4 + 2*2*h + 4*4*h +
			2*heads*29 + 6*8*h + 7*h},
		"soft": {Pass{Elimination: retention.Elimination{Soft: true, Length: 5}, Train: true}, 0, 8*h +
			2*(dense+8*h+2*(8-2)*f) +
			8*h + 4*2*h + 2*2*f + 2*h + 2*heads*34 + 3*8*h +
			2*heads*34 + 6*8*h + 8*h},
		"soft, full": {Pass{Elimination: retention.Elimination{Soft: true, Length: 5}, Train: true, Full: true}, 0, 8*h +
			3*(dense+8*h) + 2*heads*34 + 6*8*h + 8*h},
	} {
		if got := n.Activations(&test.pass, []int{3, 5}, test.padTo); got != test.want {
			t.Errorf("%s: %d values, want %d", name, got, test.want)
		}
	}
}

// Logits of 3 tokens over 13 words, in training with what they are computed from.
func TestMaskedActivationsByHand(t *testing.T) {
	c := masked(t, odd(DefaultBERT()))
	for train, want := range map[bool]int{true: 3*(2*13+4*15) + 3*13, false: 3*13 + 13} {
		if got := c.Net().MaskedActivations(train, 3); got != want {
			t.Errorf("train %v: %d values, want %d", train, got, want)
		}
	}
}
