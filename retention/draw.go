package retention

import "encoding/json"

// A Draw is a fixed order of positions, [CLS] first, by which an encoder keeps
// word-vectors without scoring them: the static strategies of Goyal et al. 2020,
// section 4.4. Head-WS draws the positions as they come, Rand-WS in an order that
// is the same for all inputs. What an encoder keeps begins the order, so that each
// encoder's positions are among those of the encoder before.
type Draw struct {
	order []int32
	place []int32 // of each position in the order
}

// NewDraw makes a draw of an order: a permutation of 0 … n−1 that begins with 0,
// n no less than the rows of any sequence.
func NewDraw(order []int32) *Draw {
	d := &Draw{order: order, place: make([]int32, len(order))}
	for k, p := range order {
		d.place[p] = int32(k)
	}
	return d
}

// MarshalJSON writes the order.
func (d *Draw) MarshalJSON() ([]byte, error) { return json.Marshal(d.order) }

// UnmarshalJSON reads one.
func (d *Draw) UnmarshalJSON(text []byte) error {
	var order []int32
	if err := json.Unmarshal(text, &order); err != nil {
		return err
	}
	*d = *NewDraw(order)
	return nil
}

// Place is the place of every position in the order, from 0.
func (d *Draw) Place() []int32 { return d.place }

// until is how many draws it takes to have n positions below end.
func (d *Draw) until(n, end int) int {
	for k, p := range d.order {
		if int(p) < end {
			n--
		}
		if n == 0 {
			return k + 1
		}
	}
	return len(d.order)
}

// below is how many of the first draws are positions below end.
func (d *Draw) below(draws, end int) int {
	n := 0
	for _, p := range d.order[:min(draws, len(d.order))] {
		if int(p) < end {
			n++
		}
	}
	return n
}
