"""A phone on this machine: executes call documents the way the carrier does."""
