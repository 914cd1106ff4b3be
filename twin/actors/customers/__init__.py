"""Customers, in every kind of network: who they are and what they owe stands here; what they physically buy (jobs, streets, data, kW) is the kind's own."""
