package turns

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// told is ways that write down who took which turn, and measure 10·round + way.
func told(to *[]string, n int) []Way {
	ways := make([]Way, n)
	for i := range ways {
		ways[i] = func(round int) (float64, error) {
			*to = append(*to, fmt.Sprintf("%d%c", round, 'a'+i))
			return float64(10*round + i), nil
		}
	}
	return ways
}

func TestTakeRotates(t *testing.T) {
	var turns []string
	got, err := Take(t.Context(), Rounds(4), told(&turns, 3))
	if err != nil {
		t.Fatal(err)
	}
	if order := strings.Join(turns, " "); order != "0a 0b 0c 1b 1c 1a 2c 2a 2b 3a 3b 3c" {
		t.Errorf("turns in the order %s", order)
	}
	if want := [][]float64{{0, 10, 20, 30}, {1, 11, 21, 31}, {2, 12, 22, 32}}; !reflect.DeepEqual(got, want) {
		t.Errorf("measured %v, want %v", got, want)
	}
	if none, err := Take(t.Context(), Rounds(0), told(&turns, 2)); err != nil || len(none) != 2 || len(none[0]) != 0 {
		t.Errorf("no round: %v, %v", none, err)
	}
}

func TestTakeStopsAtAnError(t *testing.T) {
	var turns []string
	broken := errors.New("broken")
	ways := append(told(&turns, 2), func(round int) (float64, error) {
		if round == 1 {
			return 0, broken
		}
		return 0, nil
	})
	if _, err := Take(t.Context(), Rounds(3), ways); !errors.Is(err, broken) || len(turns) != 3 { // the third way comes second in round 1
		t.Errorf("error %v after %v, want broken after three turns", err, turns)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ways = append(told(&turns, 1), func(int) (float64, error) { cancel(); return 0, nil })
	if _, err := Take(ctx, Rounds(3), ways); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ends: %v", err)
	}
}

func TestDuring(t *testing.T) {
	if more := During(0, 3); !more(0) || !more(2) || more(3) {
		t.Error("without time: want the least number of rounds")
	}
	if more := During(time.Hour, 3); !more(1000) {
		t.Error("with an hour left: want another round")
	}
}

func TestSeconds(t *testing.T) {
	took, err := Seconds(func(int) error { time.Sleep(20 * time.Millisecond); return nil })(0)
	if err != nil || took < 0.02 || took > 5 {
		t.Errorf("20 ms take %v s (%v)", took, err)
	}
	broken := errors.New("broken")
	if _, err := Seconds(func(int) error { return broken })(0); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the way", err)
	}
}
