package serve

// By how much the priority of a thread that gives way is lower than the program's. On one core
// it has a ninth of the weight, and one that wakes goes first. On several others help it with
// its operations, of the usual priority, and would keep the one that they help from its core.
const (
	lowerAlone  = 10
	lowerHelped = 3
)

// lower is that of this program.
func lower() int {
	if alone.Load() {
		return lowerAlone
	}
	return lowerHelped
}

// givingWay calls f where it gives way to the program's other threads, and waits.
func givingWay(f func()) {
	failed := make(chan any)
	go func() {
		defer func() { failed <- recover() }() // to be a panic of the request that it was in
		giveWay()
		f()
	}()
	if p := <-failed; p != nil {
		panic(p)
	}
}
