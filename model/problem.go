package model

import (
	"github.com/powerbert/powerbert/loss"
	"github.com/powerbert/powerbert/model/arch"
)

// asked is what the outputs of a model are held against.
func asked(c *arch.Config) loss.Problem {
	p := loss.Problem{Kind: c.Problem(), Options: c.Options(), Classes: c.NumLabels()}
	if p.Kind.Guessed() {
		p.Classes = c.VocabSize
	}
	return p
}
