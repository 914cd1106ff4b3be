"""Where lives are lived: in processes of this machine, on a Dask cluster, or in any executor. None of them schedules across machines by itself."""
