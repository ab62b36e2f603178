"""The version: dbt asks each adapter for one."""

version = "1.7.0"
