package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// renamed keeps the name that a flag of a command had before, which no help lists. Whoever
// uses it is told the new one, which is set in its place, and each of switches with it.
func (a *app) renamed(c *cobra.Command, old, name string, switches ...string) {
	flag := *c.Flags().Lookup(name)
	flag.Name, flag.Hidden, flag.Annotations = old, true, nil
	flag.Value = &oldName{a, c, old, name, switches}
	c.Flags().AddFlag(&flag)
}

// An oldName is the value of a flag under the name that it had before.
type oldName struct {
	a         *app
	c         *cobra.Command
	old, name string
	switches  []string
}

// String returns the value of the flag.
func (v *oldName) String() string { return v.c.Flags().Lookup(v.name).Value.String() }

// Type returns that of the flag.
func (v *oldName) Type() string { return v.c.Flags().Lookup(v.name).Value.Type() }

// Set sets the flag, and says what it is called now.
func (v *oldName) Set(value string) error {
	now := "--" + v.name
	for _, name := range v.switches {
		now += " --" + name
		if err := v.c.Flags().Set(name, "true"); err != nil {
			return err
		}
	}
	fmt.Fprintf(v.a.stderr, "train: --%s is called %s now\n", v.old, now)
	return v.c.Flags().Set(v.name, value)
}
