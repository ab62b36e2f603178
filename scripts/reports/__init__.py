"""Reports of a period: read the marts, format, draw and write. Nothing is computed here."""
