package arch

import "math"

// A Relative is a bias of attention's scores by how far the key stands from the query
// (Raffel et al. 2020, arXiv 1910.10683, section 2.1): row bucket(key − query) of Table has
// one for each head. All encoders share it. Distances are those of the text, whichever
// word-vectors are left between the two.
type Relative struct {
	Table    Table // (buckets or more, A)
	Buckets  int   // half of them for keys before the query or at it, half for those behind
	Furthest int   // distance from which on all are in the last bucket
}

// Rows lists the row of Table for each distance from −Furthest to Furthest; those beyond
// have the row of the nearest.
func (r *Relative) Rows() []int32 {
	rows := make([]int32, 2*r.Furthest+1)
	for i := range rows {
		rows[i] = int32(r.bucket(i - r.Furthest))
	}
	return rows
}

// bucket is the row of a distance: a row each for the nearest, then logarithmic ones. The
// arithmetic is float32, as in transformers' relative_position_bucket, whose rounding
// decides where a bucket begins.
func (r *Relative) bucket(distance int) int {
	half, behind := r.Buckets/2, 0
	if distance > 0 {
		behind = half
	}
	n, exact := max(distance, -distance), half/2
	if n >= exact {
		scale := float32(math.Log(float64(r.Furthest) / float64(exact)))
		log := float32(math.Log(float64(float32(n) / float32(exact))))
		n = min(exact+int(log/scale*float32(half-exact)), half-1)
	}
	return behind + n
}
