"""Who answers: agent files, their shape and their loader."""
