"""Outside companies, one role per folder."""
