"""Where the parts of each kind of network are put together; each module makes one kind of `twin.build.Twin`."""
