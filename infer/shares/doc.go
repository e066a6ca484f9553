// Package shares deals a corpus out to processes that predict it side by side, says what each
// leaves beside its part, and makes the parts one file again.
//
// The rows of all files, in the order of the files, are cut into as many ranges as there are
// shares, whose lengths differ by one at most: a share is a range of rows, whichever files
// they lie in. So files need not be as many as shares, and a large one is divided. What that
// needs to know, how many rows each file has, stands in the Plan of the folder of the parts.
// The package knows no models.
//
// To read it: share.go is the arithmetic, launcher.go what Slurm and others tell a process,
// plan.go what all shares have in common, record.go what one leaves. merge.go is the way back,
// with join.go (rows) and ids.go (whether any is missing).
package shares
