"""Makes the shipped maps from named package archives; for maintainers, never run at install."""
