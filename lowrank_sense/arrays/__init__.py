"""Arrays that are not formed, weights, blocks, and arrays of other libraries."""
