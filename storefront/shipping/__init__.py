"""Orders on their way: parcels, pick-ups, days, packing slips, and what is asked afterwards."""
