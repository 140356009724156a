"""Units of work, named by what they return. SQL lives here and in `journal` and `outbox`, nowhere else."""
