package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/powerbert/powerbert/infer"
)

// int8Products is what multiplies the matrices of int8 models.
type int8Products struct {
	Kernel string   `json:"kernel"`           // "": POWERBERT_KERNEL names none
	Others []string `json:"others,omitempty"` // that it could name
}

// int8 looks for the kernel of int8 models.
func (d *diagnosis) int8() {
	var err error
	if d.Int8.Kernel, d.Int8.Others, err = infer.Int8Backend(); err != nil {
		d.problem("%v; or unset it", err)
	}
}

// write shows the kernel, and how to take another.
func (p *int8Products) write(w io.Writer) {
	name := p.Kernel
	if name == "" {
		name = "none"
	}
	fmt.Fprintf(w, "int8 products\t%s", name)
	if len(p.Others) > 0 {
		fmt.Fprintf(w, "; POWERBERT_KERNEL may name %s", strings.Join(p.Others, ", "))
	}
	fmt.Fprintln(w)
}
