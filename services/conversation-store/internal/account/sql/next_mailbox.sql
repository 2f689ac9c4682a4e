SELECT nextval('sandbox_mailboxes')
