module github.com/powerbert/powerbert/docs/site

go 1.26.0

require (
	github.com/powerbert/powerbert v0.0.0
	github.com/yuin/goldmark v1.8.6
)

// The look of pages, of experiments/look, which imports nothing.
replace github.com/powerbert/powerbert => ../..
