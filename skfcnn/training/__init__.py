"""How theta is learned: objective, batches, solvers, schedules, stopping."""
