"""Who has handed what to whom: goods under a waybill, from hand to hand until they are received."""
