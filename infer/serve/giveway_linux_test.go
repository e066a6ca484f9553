package serve

import "testing"

// A goroutine that gives way has a thread of a lower priority, which neither a goroutine that it
// starts nor one that comes after has it from.
func TestGivesWay(t *testing.T) {
	for _, one := range []bool{false, true} {
		usual, err := niceness()
		if err != nil || usual > 19-lowerAlone {
			t.Skipf("the tests run at %d (%v)", usual, err)
		}
		was := alone.Swap(one)
		check := func(who string, want int) {
			if nice, err := niceness(); err != nil || nice != want {
				t.Errorf("alone %v: %s is at %d (%v), want %d", one, who, nice, err, want)
			}
		}
		givingWay(func() {
			check("what gives way", usual+lower())
			done := make(chan bool)
			go func() { check("what it starts", usual); done <- true }()
			<-done
		})
		check("what comes after", usual)
		alone.Store(was)
	}
	if lowerAlone <= lowerHelped {
		t.Error("on one core nothing helps, and more can give way")
	}
}
