package configs

import "strings"

// Nearest finds the candidate a misspelt word most likely meant: the fewest
// letters to change, at most a third of them.
func Nearest(word string, candidates []string) (string, bool) {
	best, found := "", len(word)/3+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), c); d <= min(found, len(c)-1) && (best == "" || d < found) {
			best, found = c, d
		}
	}
	return best, best != ""
}

// distance counts the letters to insert, delete or replace to turn a into b
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
