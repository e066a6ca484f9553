//go:build mpi

package main

const buildOfMPI = true
