SELECT nextval('sandbox_phone_numbers')
