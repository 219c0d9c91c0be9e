"""Implicit matrices, factors, weights, blocks, and arrays of other libraries."""
