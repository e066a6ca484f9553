#!/bin/sh
# One training on several nodes, a rank each, of a train built with MPI (docs/mpi.md):
#
#   sbatch deploy/slurm-mpi.sh sst2 --out runs/sst2
#
# The words after the script are those of train run. Five minutes before its time is up
# mpirun is sent USR1, which it hands on: rank 0 saves, and the job ends. Submitted again it
# goes on.
#SBATCH --job-name=powerbert
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --mem=16G
#SBATCH --time=720
#SBATCH --signal=B:USR1@300
#SBATCH --output=powerbert-%j.log

# Ranks take the cores of their task.
exec mpirun --bind-to none train run "$@"
