package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

// value is that of the first line "key : value" of a file under /proc; empty where
// there is none.
func value(path, key string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// busyCores is how many cores were busy over some time; 0 where the system does
// not tell.
func busyCores(over time.Duration) float64 {
	before := busySeconds()
	time.Sleep(over)
	return (busySeconds() - before) / over.Seconds()
}

// busySeconds is what all cores spent at work since the machine started, or were
// kept from by the machine's host.
func busySeconds() float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	var user, nice, system, idle, wait, irq, softirq, steal float64 // in hundredths
	if _, err := fmt.Sscanf(string(text), "cpu %f %f %f %f %f %f %f %f", &user, &nice, &system, &idle, &wait, &irq, &softirq, &steal); err != nil {
		return 0
	}
	return (user + nice + system + irq + softirq + steal) / 100
}
