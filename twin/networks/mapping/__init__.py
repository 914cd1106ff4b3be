"""Mapping networks: drivers with dashcams who keep a street map fresh (Hivemapper)."""
