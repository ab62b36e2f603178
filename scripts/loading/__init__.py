"""How files come in: the door, and what reads, checks and merges behind it."""
