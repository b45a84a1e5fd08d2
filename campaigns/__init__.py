"""Calling many: campaigns and their leads, whether somebody may be rung now, and who rings them."""
