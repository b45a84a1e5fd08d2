"""Vendors on this machine: two models and a voice, on the wire as they are, with faults on demand.

`python -m phone.vendors --port N` runs them; `process.VendorsProcess` does so from a program.
"""
