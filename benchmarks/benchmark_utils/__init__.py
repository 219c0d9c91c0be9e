"""The solvers that are compared, usable without benchopt.

Each module has a function ``solve(X, y, shape, rank, callback, **settings)``. It runs
until ``callback(M)``, called with the matrix after each iteration, returns True, and
returns the last matrix. The peers are written from their papers.
"""
