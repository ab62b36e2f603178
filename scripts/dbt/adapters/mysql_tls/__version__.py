"""The version, which dbt requires of each adapter."""

version = "1.7.0"
