"""Reading what a caller said, kind by kind. No fields, no engine."""
