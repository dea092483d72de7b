"""Pages to look at games with: the replay, one file that needs nothing else."""
