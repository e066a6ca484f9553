package arch

// Inherits says which tensor of a network like n, which may have another number of
// encoders, each tensor of n begins as, by their names: those of encoder j+1 as those
// in the same places of the other's encoder from(j)+1, all else as what has its name. What
// the other's encoder has not got is left out, as the LayerNorm before the first attention.
func (n *Net) Inherits(other *Net, from func(j int) int) map[string]string {
	begins := make(map[string]string)
	for _, t := range n.Tensors() {
		begins[t.Name] = t.Name
	}
	for j, b := range n.Weighted() {
		theirs := other.Blocks[from(j)].tensors()
		for place, t := range b.tensors() {
			if delete(begins, t.Name); place < len(theirs) {
				begins[t.Name] = theirs[place].Name
			}
		}
	}
	return begins
}

// tensors lists the weights of an encoder, the same one always in the same place.
func (b *Block) tensors() []Tensor {
	var l list
	l.block(b)
	return l.all
}
