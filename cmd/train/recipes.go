package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
)

// newRecipes is `train recipes`: the shipped recipes, or the text of one.
func newRecipes(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "recipes [NAME]",
		Short: "List the shipped recipes, or show the YAML of one",
		Example: `  train recipes
  train recipes sst2 > mine.yaml`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeConfig,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listRecipes()
			}
			content, err := configs.Recipe(args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(recipe{args[0], configs.About(args[0]), string(content)})
			}
			_, err = a.stdout.Write(content)
			return err
		},
	}
}

// A recipe is what --json shows of one.
type recipe struct {
	Name  string `json:"name"`
	About string `json:"about"`
	YAML  string `json:"yaml,omitempty"` // where one is asked for
}

func (a *app) listRecipes() error {
	var list []recipe
	for _, name := range configs.Recipes() {
		list = append(list, recipe{Name: name, About: configs.About(name)})
	}
	return a.show(list, 0, func(w io.Writer) {
		for _, r := range list {
			fmt.Fprintf(w, "%s\t%s\n", r.Name, r.About)
		}
	})
}
