"""Mobile networks: Wi-Fi access points that carry phones' data for carriers and were paid for coverage until 2026 (Helium Mobile)."""
