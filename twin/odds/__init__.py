"""Many lives of one scenario: what is drawn, who lives them, and what they say together."""
