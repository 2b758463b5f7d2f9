"""How theta moves: objective, batches, solvers, schedules, stopping."""
