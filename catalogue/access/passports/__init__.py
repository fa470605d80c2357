"""GA4GH Passports: keys, visas that we sign, and visas of others that we read. Pure: no Django, no network."""
