// Package sweep runs one experiment at every point of a grid of its keys: the
// cartesian product of their values, numbered from 0.
//
// A sweep is a directory with the list of its points, sweep.json, and a run
// directory for each, whose experiment.yaml is there before the point runs. So a
// point needs nothing but the directory and its number, and the tasks of a
// cluster's array may run them at the same time. Points go on and are not run
// twice as any run directory does it; a point takes its stage 1 over from one that
// has trained the same.
//
// To read it: grid.go (the points), sweep.go (the list on disk), run.go (a point), manifest.go
// (jobs of clusters).
package sweep
