// Package paper makes the figures and tables of Goyal et al. 2020 from runs (MakeFigure),
// a file each. A Figure holds its values, their text and their drawing; registry.go
// lists them all. Those that compare what was never trained train it first.
package paper
