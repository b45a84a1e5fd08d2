"""Vendors on this machine: models, voices, recognisers; on the wire as they are, faulty on demand.

`python -m phone.vendors --port N` runs them; `process.VendorsProcess` does so from a program.
"""
