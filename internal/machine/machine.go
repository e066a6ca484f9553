package machine

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// CPU is the name of the processor, or its architecture where the system does
// not tell.
func CPU() string { return cmp.Or(Proc("cpuinfo", "model name"), runtime.GOARCH) }

// kibibytes is the bytes of an amount as "16384 kB", which Linux counts by 1024.
func kibibytes(amount string) uint64 {
	count, _ := strings.CutSuffix(amount, " kB")
	n, _ := strconv.ParseUint(count, 10, 64) // 0 is what the callers want of no number
	return n << 10
}

// Proc is the first value of a key in a file of /proc, "" where there is none.
func Proc(file, key string) string { return value("/proc/"+file, key) }

// value is the first value of a key in a file of lines as "key: value" or "key value".
func value(path, key string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), ":")
		if !ok {
			name, value, _ = strings.Cut(lines.Text(), " ")
		}
		if strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// BusyCores is how many cores were busy over some time; 0 where the system does
// not tell.
func BusyCores(over time.Duration) float64 {
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
