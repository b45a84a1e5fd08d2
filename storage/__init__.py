"""What is kept: the contract, the records and the backends."""
