"""The web pages: one module a page, called like its template. Reads and orders; decides nothing."""
