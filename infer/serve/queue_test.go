package serve

import (
	"fmt"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/data"
)

// of is a text of a client, of so many tokens.
func of(client string, tokens int) item {
	return item{client: client, example: data.Encoded{IDs: make([]int32, tokens)}}
}

// put puts requests into a queue, a list of items each.
func putAll(t *testing.T, q *queue, requests ...[]item) {
	t.Helper()
	for _, items := range requests {
		if err := q.put(items); err != nil {
			t.Fatal(err)
		}
	}
}

// taken is the clients of each batch that a queue of so many tokens gives until it is empty.
func taken(q *queue, tokens int) (batches [][]string) {
	for q.len() > 0 {
		var clients []string
		for _, it := range q.take(tokens) {
			clients = append(clients, it.client)
		}
		batches = append(batches, clients)
	}
	return batches
}

func TestTakeIsBoundedByTokens(t *testing.T) {
	q := newQueue(9, 1000, 1)
	putAll(t, q, []item{of("a", 4), of("a", 5), of("a", 1), of("a", 30), of("a", 2)})
	var sizes []int
	for q.len() > 0 {
		sizes = append(sizes, len(q.take(9)))
	}
	if fmt.Sprint(sizes) != "[2 2 1]" { // 4+5; 1+2, which pass by 30; 30
		t.Errorf("took %d texts", sizes)
	}
	if q.held != 0 || len(q.shares) != 0 {
		t.Errorf("an empty queue holds %d tokens of %d clients", q.held, len(q.shares))
	}
	q.close()
	if err := q.put([]item{of("a", 1)}); err != errDraining || len(q.take(9)) != 0 {
		t.Errorf("a closed queue: %v", err)
	}
}

// A worker takes its share of the tokens that wait, and no less than are worth a batch.
func TestWorkersShareWhatWaits(t *testing.T) {
	q := newQueue(100, 100_000, 3)
	putAll(t, q, many("a", 30, 32)) // 960 tokens: 320, 213 and 142 are thirds of what waits, then 128
	var sizes []int
	for q.len() > 0 {
		sizes = append(sizes, len(q.take(256)))
	}
	if fmt.Sprint(sizes) != "[8 7 5 4 4 2]" {
		t.Errorf("took %d texts", sizes)
	}
}

// many is a request of n texts of so many tokens.
func many(client string, n, tokens int) (items []item) {
	for range n {
		items = append(items, of(client, tokens))
	}
	return items
}

// Clients with long batches take turns, and who comes with a short text passes by them.
func TestClientsTakeTurns(t *testing.T) {
	q := newQueue(100, 100_000, 1)
	putAll(t, q, many("a", 3, 512), many("b", 3, 512))
	if got, want := fmt.Sprint(taken(q, 512)), "[[a] [b] [a] [b] [a] [b]]"; got != want {
		t.Errorf("took %s, want %s", got, want)
	}
	putAll(t, q, many("a", 20, 512), many("b", 20, 512))
	if first := q.take(512); first[0].client != "a" {
		t.Errorf("took %v first", first[0].client)
	}
	putAll(t, q, []item{of("c", 20)}, []item{of("d", 30)})
	if got := q.take(2048); len(got) != 2 || got[0].client != "c" || got[1].client != "d" {
		t.Errorf("the short texts are not next, by themselves: %d texts of %s …", len(got), got[0].client)
	}
}

// A client that asks in small pieces without end leaves the long text its turn.
func TestNobodyStarves(t *testing.T) {
	q := newQueue(1000, 100_000, 1)
	putAll(t, q, []item{of("long", 512)})
	tokens := 0
	for i := 0; ; i++ {
		putAll(t, q, many("short", 8, 16))
		batch := q.take(128)
		if batch[0].client == "long" {
			break
		}
		for _, it := range batch {
			tokens += it.example.Tokens()
		}
		if i > 100 {
			t.Fatal("the long text still waits")
		}
	}
	if tokens < 384 || tokens > 640 { // its own 512 and a batch more or less
		t.Errorf("the long text waited for %d tokens of another client, want about 512", tokens)
	}
}

// Nobody saves up: a client that had nothing waiting begins now.
func TestSharesBeginNow(t *testing.T) {
	q := newQueue(100, 100_000, 1)
	putAll(t, q, many("a", 10, 100))
	for range 5 {
		q.take(100)
	}
	putAll(t, q, many("b", 5, 100))
	if got, want := fmt.Sprint(taken(q, 100)), "[[a] [b] [a] [b] [a] [b] [a] [b] [a] [b]]"; got != want {
		t.Errorf("took %s, want %s", got, want)
	}
}

// A batch is of one model, and those of another keep their place.
func TestBatchesAreOfOneModel(t *testing.T) {
	q := newQueue(100, 1000, 1)
	x, y := &hosted{name: "x"}, &hosted{name: "y"}
	for i, m := range []*hosted{x, y, x, y, x} {
		it := of(fmt.Sprint(i), 10)
		it.model = m
		putAll(t, q, []item{it})
	}
	if got, want := fmt.Sprint(taken(q, 100)), "[[0 2 4] [1 3]]"; got != want {
		t.Errorf("took %s, want %s", got, want)
	}
}

// A text of more than four times the tokens of the first does not pass with it; to that a
// short one counts as 32.
func TestTogether(t *testing.T) {
	for _, c := range []struct {
		first, next int
		want        bool
	}{{5, 128, true}, {32, 128, true}, {32, 129, false}, {33, 132, true}, {33, 133, false}, {512, 5, true}} {
		first, next := of("a", c.first), of("b", c.next)
		if got := together(&first, &next); got != c.want {
			t.Errorf("%d tokens with %d: %v", c.next, c.first, got)
		}
	}
}

// The last quarter of the room is for requests of one text, in texts and in tokens.
func TestRoomForSingleTexts(t *testing.T) {
	for name, test := range map[string]struct {
		q     *queue
		first []item
	}{
		"texts":  {newQueue(8, 1_000_000, 1), many("a", 6, 10)},
		"tokens": {newQueue(1000, 80, 1), many("a", 2, 30)},
	} {
		putAll(t, test.q, test.first)
		if err := test.q.put(many("b", 2, 10)); err != errOverloaded {
			t.Errorf("%s: two texts in the last quarter: %v", name, err)
		}
		for i := range 3 {
			want := error(nil)
			if i == 2 {
				want = errOverloaded
			}
			if err := test.q.put([]item{of("b", 10)}); err != want && (err == nil) != (want == nil) {
				t.Errorf("%s: single text %d: %v, want %v", name, i+1, err, want)
			}
		}
	}
	q := newQueue(2, 10, 1)
	if err := q.put(many("a", 1, 500)); err != nil {
		t.Errorf("an empty queue refuses a long text: %v", err)
	}
	if batch := q.take(10); len(batch) != 1 || !slices.Equal([]string{batch[0].client}, []string{"a"}) {
		t.Errorf("took %v", batch)
	}
}
