package metric

import "math"

// Entropy is H(X) of the labels x, in nats.
func Entropy(x []int) float64 { return MutualInformation(x, x) }

// MutualInformation is I(X; Y) of paired labels, in nats, as they are distributed
// here: an estimate without correction for the number of pairs.
func MutualInformation(x, y []int) float64 {
	px, py, joint := map[int]float64{}, map[int]float64{}, map[[2]int]float64{}
	for i := range x {
		px[x[i]]++
		py[y[i]]++
		joint[[2]int{x[i], y[i]}]++
	}
	n, sum := float64(len(x)), 0.0
	for pair, count := range joint {
		sum += count / n * math.Log(count*n/(px[pair[0]]*py[pair[1]]))
	}
	return max(sum, 0)
}

// MeanCosine is the mean cosine similarity over all pairs of different rows of x
// (n, width), row-major; 0 where there are no two. A row of zeros is like no other.
func MeanCosine(x []float32, width int) float64 {
	n, sum := 0, make([]float64, width) // of the rows at length 1
	equal := 0.0                        // pairs of a row with itself
	for ; (n+1)*width <= len(x); n++ {
		row, square := x[n*width:(n+1)*width], 0.0
		for _, v := range row {
			square += float64(v) * float64(v)
		}
		if square == 0 {
			continue
		}
		equal++
		for i, v := range row {
			sum[i] += float64(v) / math.Sqrt(square)
		}
	}
	if n < 2 {
		return 0
	}
	all := 0.0
	for _, v := range sum {
		all += v * v
	}
	return (all - equal) / float64(n*(n-1))
}
