"""What is known of real networks by date, and what a life says of the same: observations, metrics, and the operator between the two."""
