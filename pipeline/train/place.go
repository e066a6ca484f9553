package train

import (
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/predict"
)

// A place is that of a stepper among those of several ranks. The zero value is alone.
type place struct{ rank, size int }

// parts deals a batch out to so many workers of each rank, and returns what those of this
// rank get, which may be nothing, and the number of the first of them.
func (p place) parts(all []data.Encoded, batch []int, workers, padTo int) (parts [][]int, first int) {
	first, parts = p.rank*workers, predict.Split(all, batch, max(p.size, 1)*workers, padTo)
	from := min(first, len(parts))
	return parts[from:min(from+workers, len(parts))], first
}
