package configs

import (
	"fmt"
	"strconv"
	"strings"
)

// Fold is data.fold of the k-th of n folds, from 1.
func Fold(k, n int) string { return fmt.Sprintf("%d/%d", k, n) }

// fold takes data.fold apart: 0 of 0 where there is none. ok is false where it is no fold.
func (d *Data) fold() (k, n int, ok bool) {
	if d.Fold == "" {
		return 0, 0, true
	}
	first, last, _ := strings.Cut(d.Fold, "/")
	k, errK := strconv.Atoi(first)
	n, errN := strconv.Atoi(last)
	return k, n, errK == nil && errN == nil && n > 1 && k >= 1 && k <= n
}
