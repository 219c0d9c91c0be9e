"""Compiled loops and the threads that they run on."""
