package serve

import "testing"

// A panic of what gives way is one of whoever waits for it, which net/http ends the request for.
func TestPanicWhileGivingWay(t *testing.T) {
	defer func() {
		if p := recover(); p != "a fault" {
			t.Errorf("recovered %v", p)
		}
	}()
	givingWay(func() { panic("a fault") })
}
