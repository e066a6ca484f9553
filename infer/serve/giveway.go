package serve

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
