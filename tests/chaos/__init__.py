"""Tests of `make chaos`."""
