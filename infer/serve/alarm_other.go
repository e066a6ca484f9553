//go:build !linux

package serve

import "time"

// An alarm wakes whoever waits for it.
type alarm struct{}

func newAlarm() *alarm { return &alarm{} }

// wait returns when d is over.
func (*alarm) wait(d time.Duration) { time.Sleep(d) }

func (*alarm) close() {}
