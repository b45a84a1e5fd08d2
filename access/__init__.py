"""Who may do what: people, roles, passwords, tokens, signed links, the audit log. No pages here."""
